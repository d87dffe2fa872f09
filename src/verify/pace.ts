import { setTimeout as timer } from "node:timers/promises";

/** Waits until so many more bytes may be read; rejects at once when its signal aborts. */
export type Pace = (bytes: number) => Promise<void>;

export interface PaceClock {
  /** Milliseconds that only go up. */
  now(): number;
  wait(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

/** What was not read in time is made up for to this extent, or to that of the bytes that come: more would be a burst. */
const creditMs = 250;

/**
 * Lets reading go on at a rate, in bytes a second, of which 0 is no limit. Nobody waits for what was read already longer than
 * that takes at the rate, and however long nothing was read, what comes then is no faster for more than a moment.
 */
export function createPace(rate: number, signal?: AbortSignal, clock: PaceClock = realClock): Pace {
  let free = clock.now();
  return async (bytes) => {
    signal?.throwIfAborted();
    if (rate === 0) return;
    const now = clock.now();
    const ms = (bytes / rate) * 1000;
    free = Math.max(free, now - Math.max(ms, creditMs)) + ms;
    // A timer has no less than a millisecond: what is shorter is waited for with the next bytes.
    if (free - now >= 1) await clock.wait(free - now, signal);
  };
}

const realClock: PaceClock = {
  now: () => performance.now(),
  async wait(ms, signal) {
    await timer(ms, undefined, signal === undefined ? {} : { signal });
  },
};
