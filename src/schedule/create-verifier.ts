import { setTimeout as timer } from "node:timers/promises";
import { asFailure } from "../failure/failure.ts";
import { nextVerification, type Verifiable } from "./next-verification.ts";

export interface VerifierOptions {
  /** Within how many days each backup is to be read again; 0 for never. */
  days: number;
  backups: () => Promise<Verifiable[]>;
  /** Verifies a backup. What it throws is logged; the next one has its turn. */
  verify: (id: string) => Promise<void>;
  log: Log;
  now?: () => Date;
  /** Rejects when the signal aborts. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Log {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface Verifier {
  start(): void;
  /** Begins nothing more; fulfilled when what was begun has ended. Who wants that soon cancels the run. */
  stop(): Promise<void>;
}

const dayMs = 86_400_000;
/** Backups come and go meanwhile, by other programs too. */
const lookEveryMs = 3_600_000;
/** After a run that had the module, or took it over. */
const busyMs = 60_000;

/**
 * Verifies one backup after another, each in time (src/schedule/next-verification.ts says when that is). It knows nothing that
 * the evidence in the vault does not say, so a restart changes nothing; but what left no evidence, since the disk could not
 * be read or written, is not tried again before a day is over.
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const { days, log, now = () => new Date(), wait = (ms, until) => timer(ms, undefined, { signal: until }) } = options;
  const stopping = new AbortController();
  /** Until when a module or a backup is let be. */
  const letBe = new Map<string, number>();
  let going = Promise.resolve();

  const isFree = (name: string): boolean => (letBe.get(name) ?? 0) <= now().getTime();
  const put = (name: string, ms: number): void => void letBe.set(name, now().getTime() + ms);

  /** Verifies what is due; gives for how long there is nothing to do. */
  const turn = async (): Promise<number> => {
    const backups = await options.backups();
    const next = nextVerification(backups, now(), days, ({ id, module }) => isFree(id) && isFree(module));
    const ahead = next === null ? lookEveryMs : next.at.getTime() - now().getTime();
    const soonest = Math.min(...[...letBe.values()].map((until) => until - now().getTime()).filter((ms) => ms > 0));
    if (next === null || ahead > 0) return Math.min(ahead, soonest, lookEveryMs);
    log.info({ backup: next.id }, "verification begins");
    try {
      await options.verify(next.id);
      put(next.id, Math.min(dayMs, (days * dayMs) / 2));
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.kind === "busy" || failure.kind === "cancelled") {
        log.info({ backup: next.id }, `not verified now: ${failure.message}`);
        put(next.id.split("/")[0] ?? next.id, busyMs);
      } else {
        log.error({ backup: next.id, err: failure }, "verification failed");
        put(next.id, dayMs);
      }
    }
    return 0;
  };
  const turns = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const ms = await turn().catch((thrown: unknown) => {
        log.error({ err: asFailure(thrown) }, "can't look which backup is to be verified");
        return lookEveryMs;
      });
      if (ms > 0) await wait(ms, stopping.signal).catch(() => undefined);
    }
  };
  return {
    start: () => {
      if (days > 0) going = turns();
    },
    stop: async () => {
      stopping.abort();
      await going;
    },
  };
}
