import { Failure } from "../failure/failure.ts";
import { lockHolder } from "./module-lock.ts";
import { readRun } from "./read-run.ts";
import type { RunIdParts } from "./run-id.ts";
import { openRunLog } from "./run-log.ts";

export interface Unfinished {
  state: string;
  runs: readonly RunIdParts[];
  fileOf: (id: string) => string;
  now: Date;
}

/**
 * Writes the end of each run that has none and whose lock is free or another run's; gives their ids. A run that can't be read or
 * written is passed over: it is listed as interrupted all the same.
 */
export async function markInterrupted({ state, runs, fileOf, now }: Unfinished): Promise<string[]> {
  const marked: string[] = [];
  for (const run of runs) {
    // Asked before the reading: a run that ends in between has its end in the file then.
    const holder = lockHolder(state, run.module);
    if (holder !== null && (holder.run === run.id || holder.run === "")) continue;
    try {
      if (await markOne(fileOf(run.id), run.id, now)) marked.push(run.id);
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
    }
  }
  return marked;
}

async function markOne(file: string, id: string, now: Date): Promise<boolean> {
  const { events } = await readRun(file, id);
  if (events.some((event) => event.type === "ended")) return false;
  const message = "interrupted: Davit or the host stopped in the middle";
  const log = openRunLog(file, "a+", events.at(-1)?.seq ?? 0);
  try {
    log.appendDurably(
      { type: "ended", outcome: "interrupted", backup: null, failure: { kind: "failed", message } },
      now,
    );
    return true;
  } finally {
    log.close();
  }
}
