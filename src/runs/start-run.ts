import { rm } from "node:fs/promises";
import path from "node:path";
import type { Progress } from "../contract/run-event.ts";
import { syncFolder } from "../durable/sync-folder.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { takeLockInTurn, type Watch, watchWanted } from "./give-way.ts";
import type { LockHolder, ModuleLock } from "./module-lock.ts";
import type { Run, RunRequest } from "./run.ts";
import { createRunId, requireRunId, type RunIdParts } from "./run-id.ts";
import { openRunLog, type RunLog } from "./run-log.ts";

export interface RunStart {
  state: string;
  request: RunRequest;
  newest: RunIdParts | undefined;
  /** Tells this process from all others. */
  instance: string;
  now: () => Date;
}

const progressEveryMs = 250;

/** Takes the lock, writes the first event to disk, and gives the run; on any failure the lock is free again. */
export async function startRun({ state, request, newest, instance, now }: RunStart): Promise<Run> {
  const id = requireRunId(request.id ?? createRunId(request.kind, request.module, now(), newest)).id;
  const since = now().toISOString();
  const givesWay = request.givesWay === true;
  const holder = { run: id, pid: process.pid, instance, since, ...(givesWay && { givesWay }) };
  const lock = await takeLockInTurn(state, request.module, holder);
  const folder = path.join(state, "runs");
  const file = path.join(folder, `${id}.ndjson`);
  let log: RunLog | undefined;
  try {
    log = openRunLog(file, "ax", 0);
    const { kind, module, trigger } = request;
    log.appendDurably({ type: "started", run: id, kind, module, backup: request.backup ?? null, trigger }, now());
    await syncFolder(folder);
    const watch = givesWay ? watchWanted(state, module) : { signal: new AbortController().signal, stop: () => {} };
    const run = makeRun(id, { log, lock, watch }, now);
    // Where no run had it, what it did besides is told by who puts that right.
    if (lock.leftBy !== null && lock.leftBy.run !== "") run.warning(...leftLock(lock.leftBy));
    return run;
  } catch (thrown) {
    log?.close();
    lock.release();
    // A run that never began is not to be listed as interrupted.
    await rm(file, { force: true }).catch(() => undefined);
    throw storageFailure(`can't write the run ${id} in ${folder}`, thrown);
  }
}

function leftLock(left: LockHolder): [string, string] {
  return [
    `the lock was left behind by run ${left.run}, whose process is gone`,
    "look whether Davit was killed or the host lost power at that time",
  ];
}

interface Held {
  log: RunLog;
  lock: ModuleLock;
  watch: Watch;
}

function makeRun(id: string, { log, lock, watch }: Held, now: () => Date): Run {
  let over = false;
  let waiting: Progress | null = null;
  let lastProgress = -Infinity;
  const writeWaiting = (): void => {
    if (waiting === null) return;
    log.append({ type: "progress", progress: waiting }, now());
    waiting = null;
  };
  return {
    id,
    wanted: watch.signal,
    stage: (name) => {
      if (over) return;
      writeWaiting();
      log.append({ type: "stage", stage: name }, now());
    },
    progress: (reached) => {
      if (over) return;
      waiting = reached;
      const at = now().getTime();
      // The difference counts in both directions, so that a clock set back does not silence the progress.
      if (Math.abs(at - lastProgress) < progressEveryMs) return;
      lastProgress = at;
      writeWaiting();
    },
    warning: (message, hint) => {
      if (!over) log.append({ type: "warning", message, ...(hint === undefined ? {} : { hint }) }, now());
    },
    output: (source, line) => {
      if (!over) log.append({ type: "output", source, line }, now());
    },
    end: async (outcome, { backup = null, failure = null } = {}) => {
      if (over) return;
      over = true;
      try {
        writeWaiting();
        const report =
          failure === null
            ? null
            : {
                kind: failure.kind,
                message: failure.message,
                ...(failure.hint === undefined ? {} : { hint: failure.hint }),
              };
        log.appendDurably({ type: "ended", outcome, backup, failure: report }, now());
      } finally {
        watch.stop();
        log.close();
        lock.release();
      }
    },
  };
}
