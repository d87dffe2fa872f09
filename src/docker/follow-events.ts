import { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Failure } from "../failure/failure.ts";

/**
 * `connected` comes first, and again after each loss: whoever keeps a picture of the containers draws it anew then.
 * `lost` says that the connection broke; it is being made again.
 */
export type DockerEvent =
  | { kind: "connected" }
  | { kind: "lost"; failure: Failure }
  | { kind: "container"; action: string; id: string };

type Open = (since: number | undefined, signal: AbortSignal) => Promise<NodeJS.ReadableStream>;

const eventLine = z.looseObject({
  Action: z.string(),
  time: z.number(),
  Actor: z.looseObject({ ID: z.string() }),
});

const firstDelayMs = 100;
const longestDelayMs = 10_000;
const keepAliveMs = 15_000;

/** Reads what `open` gives, again and again until `signal` aborts; waits 0.1 s to 10 s between tries that fail. */
export async function* followEvents(
  open: Open,
  asFailure: (error: unknown) => Failure,
  signal: AbortSignal,
): AsyncGenerator<DockerEvent> {
  let since: number | undefined;
  let delayMs = firstDelayMs;
  while (!signal.aborted) {
    const connection = new AbortController();
    const either = AbortSignal.any([signal, connection.signal]);
    try {
      const stream = await open(since, either);
      if (stream instanceof IncomingMessage) stream.socket.setKeepAlive(true, keepAliveMs);
      delayMs = firstDelayMs;
      yield { kind: "connected" };
      for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
        if (line.trim() === "") continue;
        const event = eventLine.parse(JSON.parse(line));
        since = event.time;
        yield { kind: "container", action: event.Action, id: event.Actor.ID };
      }
      if (!signal.aborted) yield { kind: "lost", failure: asFailure(new Error("the event stream ended")) };
    } catch (error) {
      if (signal.aborted) return;
      yield { kind: "lost", failure: asFailure(error) };
    } finally {
      connection.abort();
    }
    await delay(delayMs, undefined, { signal }).catch(() => undefined);
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  }
}
