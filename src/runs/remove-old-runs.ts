import { rm } from "node:fs/promises";
import type { RunIdParts } from "./run-id.ts";

export interface OldRuns {
  /** Of one module that has no run but the one that asks, newest first. */
  runs: readonly RunIdParts[];
  /** So many stay, whatever their age. */
  keep: number;
  now: Date;
  fileOf: (id: string) => string;
}

/** Whoever looks for what happened last month finds it, also where a module runs every few minutes. */
const youngMs = 90 * 86_400_000;

/** Removes the files of runs that are neither among the newest nor young. One that can't be removed is tried again by the next run. */
export async function removeOldRuns({ runs, keep, now, fileOf }: OldRuns): Promise<void> {
  const old = runs.slice(keep).filter(({ started }) => now.getTime() - started.getTime() > youngMs);
  await Promise.all(old.slice(0, mostAtOnce).map(({ id }) => rm(fileOf(id), { force: true }).catch(() => undefined)));
}

const mostAtOnce = 1000;
