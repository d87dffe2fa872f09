import { errorCode, Failure } from "../failure/failure.ts";

const timeoutMs = 15_000;
/** What an answer may be long; nobody reads more. */
const mostBytes = 65_536;

export interface Answer {
  status: number;
  text: string;
}

/**
 * Posts JSON and gives the answer, whatever its status. `name` is how the other side is called in an `unreachable` Failure, since its
 * address may be a secret. User and password of an address go into a header; other addresses are not followed.
 */
export async function postJson(address: string, body: unknown, name: string, signal: AbortSignal): Promise<Answer> {
  const url = new URL(address);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "davit",
        ...(username !== "" && { authorization: `Basic ${login}` }),
      },
      body: JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.any([signal, limit]),
    });
    return { status: answer.status, text: await startOf(answer) };
  } catch (thrown) {
    if (signal.aborted) throw new Failure("cancelled", "cancelled", { cause: thrown });
    const why = limit.aborted ? `no answer within ${timeoutMs / 1000} seconds` : reasonOf(thrown);
    // Without the cause: its texts may have the address in them.
    throw new Failure("unreachable", `${name} does not answer: ${why}`, {
      hint: "look whether Davit's container reaches it, and whether the address is right",
    });
  }
}

async function startOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  if (body === null) return text;
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true });
    if (text.length >= mostBytes) break;
  }
  return text;
}

function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return errorCode(cause) ?? errorCode(thrown) ?? "the connection broke off";
}
