import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { request as send } from "node:https";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { z } from "zod";
import { linkLimits, type LinkRoute, type PairingLine, rejection, requestHeaders } from "../../contract/link.ts";
import { asFailure, Failure } from "../../failure/failure.ts";
import { Rejected } from "../rejected.ts";
import type { AgentClock } from "./agent-clock.ts";
import type { PinnedConnections } from "./pinned-connections.ts";

export interface Question {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string | number>>;
  body?: unknown;
  /** In place of `body`: a piece of a file. */
  content?: { stream: () => Readable; bytes: number; range: string };
  signal: AbortSignal;
  /** How long the answer may be silent. */
  limitMs?: number;
}

/** What a question goes over. */
export interface Line {
  pairing: PairingLine;
  connections: PinnedConnections;
  clock: AgentClock;
}

const answerMs = 20_000;

/** The parsed answer to a question. A refusal is thrown as `Rejected`; `unreachable` where the agent does not answer. */
export async function askAgent<R extends LinkRoute & { answer: z.ZodType }>(
  line: Line,
  route: R,
  question: Question,
): Promise<z.output<R["answer"]>> {
  const text = await textOf(await openAnswer(line, route, question));
  const parsed = route.answer.safeParse(parseJson(text));
  // The schema gives the output of its own type; the compiler can't follow that through R.
  if (parsed.success) return parsed.data as z.output<R["answer"]>;
  throw new Failure("failed", `the agent's answer to ${route.path} can't be understood`, {
    hint: "update the older one of agent and sidecar, so that both are of one version",
    cause: parsed.error,
  });
}

/** Asks and reads the answer to its end, which says nothing besides. */
export async function tellAgent(line: Line, route: LinkRoute, question: Question): Promise<void> {
  await textOf(await openAnswer(line, route, question));
}

/** The answer, whose body is still to come. */
export async function openAnswer(line: Line, route: LinkRoute, question: Question): Promise<IncomingMessage> {
  const { pairing, connections } = line;
  const { body, content, signal, limitMs = answerMs } = question;
  const json = body === undefined ? null : Buffer.from(JSON.stringify(body));
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asked = send({
    host: pairing.host,
    port: pairing.port,
    agent: connections,
    method: route.method.toUpperCase(),
    path: pathOf(route, question),
    headers: {
      authorization: `Bearer ${pairing.token}`,
      accept: "*/*",
      ...stamp(route, line.clock),
      ...(json !== null && { "content-type": "application/json", "content-length": json.length }),
      ...(content !== undefined && { "content-length": content.bytes, "content-range": content.range }),
    },
    timeout: limitMs,
    signal,
  });
  asked.once("timeout", () => asked.destroy(new Error(`no answer within ${limitMs / 1000} s`)));
  asked.once("response", resolve);
  asked.on("error", reject);
  if (content === undefined) asked.end(json ?? undefined);
  // Where the agent refuses the request, its answer comes before all is sent, and counts.
  else pipeline(content.stream(), asked).catch(reject);
  let response: IncomingMessage;
  try {
    response = await promise;
  } catch (thrown) {
    throw notReached(pairing, thrown, signal);
  }
  const status = response.statusCode ?? 500;
  if (status >= 200 && status < 300) return response;
  throw refusal(parseJson(await textOf(response)), status);
}

function pathOf(route: LinkRoute, { params = {}, query = {} }: Question): string {
  const path = route.path.replace(/:(\w+)/gu, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const words = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return words.length === 0 ? path : `${path}?${words.join("&")}`;
}

function stamp(route: LinkRoute, clock: AgentClock): Record<string, string> {
  if (route.method === "get") return {};
  return { [requestHeaders.id]: randomUUID(), [requestHeaders.time]: (clock.now() ?? new Date()).toISOString() };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of response) {
      const part: Buffer = piece;
      bytes += part.length;
      if (bytes > linkLimits.answer) throw new Failure("failed", "the agent's answer is too large");
      pieces.push(part);
    }
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    throw new Failure("unreachable", `the agent's answer broke off: ${asFailure(thrown).message}`, { cause: thrown });
  }
  return Buffer.concat(pieces).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function refusal(answer: unknown, status: number): Failure {
  const parsed = rejection.safeParse(answer);
  if (!parsed.success) return new Failure("failed", `the agent answered with status ${status}`);
  const { reason, message, hint } = parsed.data.rejected;
  return new Rejected(reason, message, hint === undefined ? {} : { hint });
}

function notReached({ host, port }: PairingLine, thrown: unknown, signal: AbortSignal): Failure {
  if (thrown instanceof Failure) return thrown;
  if (signal.aborted) return signal.reason instanceof Failure ? signal.reason : asFailure(thrown);
  return new Failure("unreachable", `the agent at ${host}:${port} does not answer: ${asFailure(thrown).message}`, {
    hint: "on the host, `systemctl status davit-agent` tells whether it runs; a firewall may stand between",
    cause: thrown,
  });
}
