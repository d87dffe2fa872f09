import { setTimeout as timer } from "node:timers/promises";
import type { BackupSummary } from "../contract/manifest.ts";
import { asFailure } from "../failure/failure.ts";
import { nextCopy } from "./next-copy.ts";

export interface CopierOptions {
  /** The backups whose modules want a copy. */
  backups: () => Promise<BackupSummary[]>;
  /** Copies a backup. What it throws is logged; another one has its turn. */
  copy: (id: string) => Promise<void>;
  log: Log;
  now?: () => Date;
  /** Rejects when the signal aborts. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export interface Copier {
  start(): void;
  /** Looks now, and lets nothing be: a backup was sealed, or the agent is there again. */
  look(): void;
  /** Begins nothing more; fulfilled when what was begun has ended. Who wants that soon cancels the run. */
  stop(): Promise<void>;
}

/** Backups come by other programs too. */
const lookEveryMs = 600_000;
/** After a copy that failed, or gave way to another run of the module. */
const letBeMs = 300_000;

/**
 * Copies one backup after another (src/schedule/next-copy.ts says which). It knows nothing that the evidence in the vault does not
 * say, so that a restart changes nothing, and what was not sent while the agent was away is sent once it is there again.
 */
export function createCopier({
  backups,
  copy,
  log,
  now = () => new Date(),
  wait = (ms, until) => timer(ms, undefined, { signal: until }),
}: CopierOptions): Copier {
  const stopping = new AbortController();
  const letBe = new Map<string, number>();
  let wake = new AbortController();
  let going = Promise.resolve();

  const isFree = ({ module }: BackupSummary): boolean => (letBe.get(module) ?? 0) <= now().getTime();
  /** Copies what is next; whether there was anything. */
  const turn = async (): Promise<boolean> => {
    const next = nextCopy(await backups(), isFree);
    if (next === null) return false;
    try {
      await copy(next.id);
      log.info({ backup: next.id }, "copied to the agent");
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.kind === "busy" || failure.kind === "cancelled")
        log.info({ backup: next.id }, `not copied now: ${failure.message}`);
      else log.warn({ backup: next.id, err: failure }, "not copied to the agent; it is tried again");
      letBe.set(next.module, now().getTime() + letBeMs);
    }
    return true;
  };
  const turns = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      const more = await turn().catch((thrown: unknown) => {
        log.warn({ err: asFailure(thrown) }, "can't look which backup is to be copied");
        return false;
      });
      const ms = Math.min(
        lookEveryMs,
        ...[...letBe.values()].map((until) => until - now().getTime()).filter((left) => left > 0),
      );
      if (!more) await wait(ms, AbortSignal.any([stopping.signal, wake.signal])).catch(() => undefined);
    }
  };
  return {
    start: () => {
      going = turns();
    },
    look: () => {
      letBe.clear();
      wake.abort();
    },
    stop: async () => {
      stopping.abort();
      await going;
    },
  };
}
