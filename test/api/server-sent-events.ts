/** One server-sent event, or a comment (`comment` alone). */
export type Sent = Partial<Record<"id" | "event" | "data" | "comment", string>>;

/** The events of an answer as they come; ends with the answer. */
export async function* sentEvents(response: Response): AsyncGenerator<Sent> {
  if (response.body === null) return;
  let text = "";
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    yield* blocks.map(parse);
  }
}

function parse(block: string): Sent {
  const fields = block.split("\n").map((line) => {
    const at = line.indexOf(":");
    return [at === 0 ? "comment" : line.slice(0, at), line.slice(at + 1).trim()] as const;
  });
  return Object.fromEntries(fields);
}
