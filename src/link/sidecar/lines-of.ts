import type { Readable } from "node:stream";
import { Failure } from "../../failure/failure.ts";

const longestLine = 1024 * 1024;

/** The JSON documents of a stream that has one a line, as they come. What breaks the stream is thrown. */
export async function* linesOf(stream: Readable): AsyncGenerator<unknown> {
  stream.setEncoding("utf8");
  let rest = "";
  for await (const piece of stream) {
    const lines = (rest + String(piece)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > longestLine) throw new Failure("failed", "the agent's answer has a line that is too long");
    for (const line of lines) yield JSON.parse(line);
  }
}
