import { once } from "node:events";
import type { Response } from "express";
import type { RunEvent } from "../contract/run-event.ts";
import type { Operations } from "./operations.ts";

const beatMs = 15_000;

type Followed = Pick<Operations, "runEvents" | "followRun">;
interface From {
  run: string;
  after: number;
}

/**
 * Answers with a run's events as server-sent events: each as a `message` whose id is its `seq`, then one `end`. A comment
 * every 15 s keeps proxies from cutting the stream.
 */
export async function streamEvents(
  operations: Followed,
  from: From,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  // Asked first, so that a run that does not exist is a plain answer.
  const past = await operations.runEvents(from.run, from.after);
  response.set({ "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no" });
  response.flushHeaders();
  const beat = setInterval(() => response.write(": still here\n\n"), beatMs);
  try {
    for await (const event of continued(operations, from, past, signal)) {
      const wrote = response.write(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
      if (!wrote) await once(response, "drain", { signal });
    }
    if (!signal.aborted) response.write("event: end\ndata: {}\n\n");
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    clearInterval(beat);
    response.end();
  }
}

async function* continued(
  operations: Followed,
  { run, after }: From,
  past: RunEvent[],
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  yield* past;
  if (!hasEnd(past)) yield* operations.followRun(run, past.at(-1)?.seq ?? after, signal);
}

function hasEnd(events: RunEvent[]): boolean {
  return events.at(-1)?.type === "ended";
}

/** The events above `after`; where there are none yet, those that come within `waitSeconds`. */
export async function pollEvents(
  operations: Followed,
  { run, after }: From,
  waitSeconds: number,
  signal: AbortSignal,
): Promise<{ events: RunEvent[]; ended: boolean }> {
  const events = await operations.runEvents(run, after);
  if (events.length > 0) return { events, ended: hasEnd(events) };
  if (waitSeconds === 0) return { events, ended: hasEnd(await operations.runEvents(run, 0)) };
  const timeout = AbortSignal.timeout(waitSeconds * 1000);
  const waited = AbortSignal.any([signal, timeout]);
  for await (const event of operations.followRun(run, after, waited)) {
    const more = await operations.runEvents(run, event.seq);
    const all = [event, ...more];
    return { events: all, ended: hasEnd(all) };
  }
  // Nothing came: the time is up, or the run had ended before `after`.
  return { events: [], ended: !waited.aborted };
}

/** The `seq` that a client's `Last-Event-ID` says it has seen; null where it says none. */
export function lastSeen(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,15}$/u.test(header) ? Number(header) : null;
}
