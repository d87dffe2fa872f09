import { Failure } from "../failure/failure.ts";
import { type LockHolder, lockHolder } from "./module-lock.ts";
import { readRun } from "./read-run.ts";
import type { RunIdParts } from "./run-id.ts";
import { openRunLog } from "./run-log.ts";

export interface Unfinished {
  state: string;
  runs: readonly RunIdParts[];
  fileOf: (id: string) => string;
  now: Date;
}

/** Writes the end of each run that has none and whose lock is free or another run's; gives their ids. */
export async function markInterrupted({ state, runs, fileOf, now }: Unfinished): Promise<string[]> {
  const marked: string[] = [];
  for (const { id, module } of runs) {
    // Asked before the reading: a run that ends in between has its end in the file then.
    const holder: LockHolder | null = lockHolder(state, module);
    if (holder !== null && (holder.run === id || holder.run === "")) continue;
    const { events } = await readRun(fileOf(id), id);
    if (events.some((event) => event.type === "ended")) continue;
    const failure = new Failure("failed", "interrupted: Davit or the host stopped in the middle");
    const log = openRunLog(fileOf(id), "a+", events.at(-1)?.seq ?? 0);
    try {
      const { kind, message } = failure;
      log.appendDurably({ type: "ended", outcome: "interrupted", backup: null, failure: { kind, message } }, now);
      marked.push(id);
    } finally {
      log.close();
    }
  }
  return marked;
}
