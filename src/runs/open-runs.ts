import { mkdir } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import path from "node:path";
import type { RunEvent, RunKind, RunSummary } from "../contract/run-event.ts";
import { moduleName } from "../contract/backup-id.ts";
import { rememberFolder } from "../durable/remember-folder.ts";
import { asFailure, errorCode } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { followRun } from "./follow-run.ts";
import { limitParallel, type Slots } from "./limit-parallel.ts";
import { takeLockInTurn } from "./give-way.ts";
import { lockHolder, lockUnlessBusy } from "./module-lock.ts";
import { markInterrupted } from "./mark-interrupted.ts";
import { removeOldRuns } from "./remove-old-runs.ts";
import { readRun } from "./read-run.ts";
import { createRunId, newestFirst, parseRunId, requireRunId, type RunIdParts, wrongClockLast } from "./run-id.ts";
import type { Run, RunRequest } from "./run.ts";
import { startRun } from "./start-run.ts";
import { summarizeRun } from "./summarize-run.ts";

/** Run logs and locks of a state folder, shared by all processes that use it. */
export interface Runs {
  /** Takes the module's lock and opens the run's log; a `busy` Failure names the run that has the lock. */
  start(request: RunRequest): Promise<Run>;
  /** The id of a run that is about to start, in this process or another. */
  newId(kind: RunKind, module: string): Promise<string>;
  /** Newest first. A run without an end whose lock is free is shown as interrupted. */
  list(filter?: { module?: string; limit?: number }): Promise<RunSummary[]>;
  /** Events numbered above `after`. */
  read(runId: string, after?: number): Promise<RunEvent[]>;
  /** Events numbered above `after`, as they are written, until the run ends or was interrupted. */
  follow(runId: string, after: number, signal: AbortSignal): AsyncIterable<RunEvent>;
  /** Writes the end of runs that a crash cut off; gives their ids. */
  markInterrupted(): Promise<string[]>;
  /** Does `work` with the module's lock, without a run; where a run has the lock, nothing is done. */
  whileFree(module: string, work: () => Promise<void>): Promise<void>;
  /**
   * Takes the module's lock without a run, for moments: a run that starts meanwhile waits. Gives what lets it go. A `busy` Failure names
   * the run that has it; one that gives way is asked to, and waited for.
   */
  takeModule(module: string): Promise<() => void>;
  /** Whether a run has the module's lock now. */
  isLocked(module: string): boolean;
  limit(parallel: number): Slots;
}

/**
 * Opens the runs of a state folder; nothing is read or made before a method is called. Of each module the newest `keep` runs
 * stay, and all of the last 90 days; others are removed when a run starts.
 */
export function openRuns(state: string, now: () => Date = () => new Date(), keep = Infinity): Runs {
  const instance = randomUUID();
  const folder = path.join(state, "runs");
  const fileOf = (id: string): string => path.join(folder, `${requireRunId(id).id}.ndjson`);
  // A run that ended never changes again.
  const ended = new Map<string, RunSummary>();
  const ordered = rememberFolder(folder, orderRuns);
  const runIds = async (): Promise<readonly RunIdParts[]> => wrongClockLast(await runsIn(folder, ordered), now());
  const holds = (run: RunIdParts): boolean => lockHolder(state, run.module)?.run === run.id;

  const summarize = async (run: RunIdParts): Promise<RunSummary | null> => {
    const known = ended.get(run.id);
    if (known !== undefined) return known;
    const file = fileOf(run.id);
    const goesOn = holds(run);
    try {
      // The lock is looked at first: a run that ends in between has its end in the file then.
      const summary = summarizeRun(run, (await readRun(file, run.id)).events, goesOn);
      if (summary.ended !== null) {
        if (ended.size >= rememberedRuns) ended.clear();
        ended.set(run.id, summary);
      }
      return summary;
    } catch (thrown) {
      const { kind, message } = asFailure(thrown);
      // Removed since the folder was listed.
      if (kind === "missing") return null;
      // One file that can't be read does not hide the others.
      return { ...summarizeRun(run, [], goesOn), failure: { kind, message } };
    }
  };
  return {
    start: async (request) => {
      moduleName.parse(request.module);
      await makeFolder(folder);
      const before = await runIds();
      const run = await startRun({ state, request, newest: before[0], instance, now });
      // With the lock that the run has, none of these goes on.
      const runs = before.filter(({ module }) => module === request.module);
      await removeOldRuns({ runs, keep: keep - 1, now: now(), fileOf });
      return run;
    },
    newId: async (kind, module) => {
      const newest = (await runIds())[0];
      return createRunId(kind, moduleName.parse(module), now(), newest);
    },
    list: async ({ module, limit = Infinity } = {}) => {
      const ids = (await runIds()).filter((run) => module === undefined || run.module === module);
      const summaries: RunSummary[] = [];
      for (const run of ids) {
        if (summaries.length >= limit) break;
        const summary = await summarize(run);
        if (summary !== null) summaries.push(summary);
      }
      return summaries;
    },
    read: async (id, after = 0) => (await readRun(fileOf(id), id)).events.filter((event) => event.seq > after),
    follow: (id, after, signal) =>
      followRun({ file: fileOf(id), id, after, signal, goesOn: () => holds(requireRunId(id)) }),
    markInterrupted: async () => markInterrupted({ state, runs: await runIds(), fileOf, now: now() }),
    whileFree: async (module, work) => {
      const lock = lockUnlessBusy(state, module, {
        run: "",
        pid: process.pid,
        instance,
        since: now().toISOString(),
      });
      if (lock === null) return;
      try {
        await work();
      } finally {
        lock.release();
      }
    },
    takeModule: async (module) => {
      const since = now().toISOString();
      const holder = { run: "", pid: process.pid, instance, since, givesWay: true };
      return (await takeLockInTurn(state, module, holder, true)).release;
    },
    isLocked: (module) => lockHolder(state, module) !== null,
    limit: limitParallel,
  };
}

const rememberedRuns = 2000;

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw storageFailure(`can't make the folder ${folder}`, thrown);
  }
}

async function runsIn(folder: string, list: () => Promise<readonly RunIdParts[]>): Promise<readonly RunIdParts[]> {
  try {
    return await list();
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return [];
    throw storageFailure(`can't read the runs in ${folder}`, thrown);
  }
}

/** The runs whose files these are, newest first. */
function orderRuns(files: readonly string[]): RunIdParts[] {
  const names = files.filter((name) => name.endsWith(".ndjson"));
  return newestFirst(names.flatMap((name) => parseRunId(path.basename(name, ".ndjson")) ?? []));
}
