import { setTimeout as timer } from "node:timers/promises";
import { asFailure } from "../failure/failure.ts";

export interface NotifierOptions {
  /** Looks for news and tells them; gives the ms after which it wants to look again at the latest. What it throws is logged. */
  look: (signal: AbortSignal) => Promise<number>;
  log: { warn(details: object, message: string): void };
  /** Rejects when the signal aborts. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Notifier {
  start(): void;
  /** Something happened: there is a look soon. */
  notice(): void;
  /** Looks no more; what is being sent is broken off. */
  stop(): Promise<void>;
}

/** Runs of other programs, and backups that become overdue, are seen by looking. */
const lookEveryMs = 600_000;
/** What goes wrong together is told together; and what was cut off is begun again by then. */
const settleMs = 20_000;
/** What was missed while the host was off has begun by then, and is not told of as overdue. */
const startMs = 60_000;

/** Looks for news now and then, and soon after something happened, but never two looks at once. */
export function createNotifier({
  look,
  log,
  wait = (ms, until) => timer(ms, undefined, { signal: until }),
}: NotifierOptions): Notifier {
  const stopping = new AbortController();
  let noticed = false;
  let wake = new AbortController();
  let going = Promise.resolve();

  const looks = async (): Promise<void> => {
    let ms = startMs;
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      if (!noticed) await wait(ms, AbortSignal.any([stopping.signal, wake.signal])).catch(() => undefined);
      if (noticed) await wait(settleMs, stopping.signal).catch(() => undefined);
      noticed = false;
      if (stopping.signal.aborted) return;
      const next = await look(stopping.signal).catch((thrown: unknown) => {
        log.warn({ err: asFailure(thrown) }, "can't look for what people should be told");
        return Infinity;
      });
      ms = Math.min(lookEveryMs, next);
    }
  };
  return {
    start: () => {
      noticed = false; // that it begins is no news
      going = looks();
    },
    notice: () => {
      noticed = true;
      wake.abort();
    },
    stop: async () => {
      stopping.abort();
      await going;
    },
  };
}
