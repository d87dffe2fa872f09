import type { Response } from "express";
import { beatMs, type LinkEvent, silenceMs } from "../../contract/link.ts";
import type { Pairing, Pairings } from "./pairings.ts";

/** The stream that a sidecar keeps open. */
export interface EventStream {
  readonly pairing: Pairing;
  /** Aborts when the stream has ended, in whatever way. */
  readonly closed: AbortSignal;
  send(event: LinkEvent): void;
}

interface OpenStream extends EventStream {
  /** When its sidecar was last heard of, by `performance.now()`. */
  heardAt: number;
  end(why: "replaced" | "revoked" | "stopping"): void;
}

/** What waits to be sent to a sidecar that takes nothing; more, and it counts as gone. */
const mostWaiting = 64 * 1024;

/**
 * The streams of the sidecars that are there, one a pairing: a second one takes over from the first. A sidecar answers each beat with a
 * request; one that is not heard of for too long is gone.
 */
export class EventStreams {
  readonly #pairings: Pairings;
  readonly #now: () => Date;
  readonly #open = new Map<string | null, OpenStream>();

  constructor(pairings: Pairings, now: () => Date) {
    this.#pairings = pairings;
    this.#now = now;
  }

  /** The stream of the sidecar in a machine; null where none is there. */
  of(machine: string): EventStream | null {
    return this.#open.get(machine) ?? null;
  }

  /** The machines whose sidecars are there. */
  machines(): (string | null)[] {
    return [...this.#open.keys()];
  }

  /** A request of the pairing's sidecar arrived: it lives. */
  heard({ machine, tokenSha256 }: Pairing): void {
    const stream = this.#open.get(machine);
    if (stream?.pairing.tokenSha256 === tokenSha256) stream.heardAt = performance.now();
  }

  /** Answers with events, one a line, and beats in between; resolves once the stream has ended. */
  async serve(pairing: Pairing, first: LinkEvent, response: Response): Promise<void> {
    const { machine } = pairing;
    const closed = new AbortController();
    const send = (event: LinkEvent): void => {
      if (closed.signal.aborted) return;
      response.write(`${JSON.stringify(event)}\n`);
      if (response.writableLength > mostWaiting) response.destroy();
    };
    const end = (why: "replaced" | "revoked" | "stopping"): void => {
      send({ type: "end", why });
      response.end();
      closed.abort();
    };
    const stream = { pairing, closed: closed.signal, send, end, heardAt: performance.now() };
    this.#open.get(machine)?.end("replaced");
    this.#open.set(machine, stream);
    response.once("close", () => closed.abort());
    response.req.socket.setNoDelay(true);
    response.req.socket.setKeepAlive(true, 10_000);
    response.set({ "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" });
    response.flushHeaders();
    send(first);
    const beat = setInterval(() => {
      // Where the cable is cut nothing else would tell for a quarter of an hour.
      if (performance.now() - stream.heardAt > silenceMs) response.destroy();
      void this.#pairings.isGood(pairing).then(
        (isGood) => (isGood ? send({ type: "beat", time: this.#now().toISOString() }) : end("revoked")),
        () => end("revoked"),
      );
    }, beatMs);
    await aborted(closed.signal);
    clearInterval(beat);
    if (this.#open.get(machine) === stream) this.#open.delete(machine);
  }

  /** Ends them all. */
  close(): void {
    for (const stream of this.#open.values()) stream.end("stopping");
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}
