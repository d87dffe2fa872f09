import { randomBytes } from "node:crypto";
import { formatBackupTime, parseBackupTime } from "../contract/backup-id.ts";
import { Failure } from "../failure/failure.ts";
import { runKind, type RunKind } from "../contract/run-event.ts";

export interface RunIdParts {
  id: string;
  started: Date;
  kind: RunKind;
  module: string;
}

/** A clock set back by less than this keeps the order of runs; runs further ahead are those of a wrong clock. */
const clockSlackMs = 86_400_000;

/**
 * A new run's id, `20261122T020000Z-backup-nas-ab12`. It sorts after `newest`, also where two runs start in one second or
 * the clock was set back by less than a day.
 */
export function createRunId(kind: RunKind, module: string, now: Date, newest: RunIdParts | undefined): string {
  const ahead = newest === undefined ? -1 : newest.started.getTime() - Math.floor(now.getTime() / 1000) * 1000;
  const time =
    newest !== undefined && ahead >= 0 && ahead < clockSlackMs ? newest.started.getTime() + 1000 : now.getTime();
  return `${formatBackupTime(new Date(time))}-${kind}-${module}-${randomBytes(2).toString("hex")}`;
}

/** An id's parts; null for a name that is no run's. */
export function parseRunId(id: string): RunIdParts | null {
  const parts = /^(\d{8}T\d{6}Z)-([a-z]+)-([a-zA-Z0-9][a-zA-Z0-9_.-]{0,99})-[0-9a-f]{4}$/u.exec(id);
  const kind = runKind.safeParse(parts?.[2]);
  const time = parts?.[1];
  const module = parts?.[3];
  if (!kind.success || time === undefined || module === undefined) return null;
  return { id, started: parseBackupTime(time), kind: kind.data, module };
}

/** Orders runs newest first, by their ids. */
export function newestFirst(runs: readonly RunIdParts[]): RunIdParts[] {
  return runs.toSorted((a, b) => (a.id < b.id ? 1 : -1));
}

/** Of runs that are ordered newest first: those of a clock that was more than a day ahead come last. */
export function wrongClockLast(runs: readonly RunIdParts[], now: Date): readonly RunIdParts[] {
  const sound = runs.findIndex((run) => run.started.getTime() - now.getTime() <= clockSlackMs);
  return sound <= 0 ? runs : [...runs.slice(sound), ...runs.slice(0, sound)];
}

/** The parts of an id that a person or a client gave; a `missing` Failure for what can't be one. */
export function requireRunId(id: string): RunIdParts {
  const parts = parseRunId(id);
  if (parts !== null) return parts;
  throw new Failure("missing", `there is no run ${id}`, { hint: "`davit runs` lists those there are" });
}
