import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { moduleName } from "../contract/backup-id.ts";
import { Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { type LockHolder, lockHolder, lockUnlessBusy, type ModuleLock, takeModuleLock } from "./module-lock.ts";

/** A run that gives way looks so often whether it has to, and who waits for it so often whether it has. */
const lookEveryMs = 100;
/** So long a run that gives way may take to end: it has little more to do than to close a file. */
const patienceMs = 15_000;

/**
 * Takes the lock of a module as `takeModuleLock` does. Where it is had by a run that gives way, in whatever process, that run
 * is told through a file, and waited for; unless `mayAsk` is false, as it is for one that gives way itself.
 */
export async function takeLockInTurn(
  state: string,
  module: string,
  as: LockHolder,
  mayAsk = as.givesWay !== true,
): Promise<ModuleLock> {
  const wanted = wantedFile(state, module);
  for (let waited = 0; ; waited += lookEveryMs) {
    const asks = mayAsk && lockHolder(state, module)?.givesWay === true && waited < patienceMs;
    const lock = asks ? lockUnlessBusy(state, module, as) : takeModuleLock(state, module, as);
    try {
      if (lock === null) await writeFile(wanted, `${as.run}\n`, { mode: 0o600 });
      else await rm(wanted, { force: true });
    } catch (thrown) {
      lock?.release();
      throw storageFailure(`can't write ${wanted}`, thrown);
    }
    if (lock !== null) return lock;
    await wait(lookEveryMs);
  }
}

/** Aborts its signal once somebody wants the module's lock, until it is stopped. */
export interface Watch {
  signal: AbortSignal;
  stop(): void;
}

/** Looks whether somebody wants the module's lock, for the run that has it. */
export function watchWanted(state: string, module: string): Watch {
  const wanted = wantedFile(state, module);
  const gone = new AbortController();
  const look = setInterval(() => {
    if (!existsSync(wanted)) return;
    clearInterval(look);
    gone.abort(
      new Failure("cancelled", `gave way to another run of ${module}`, { hint: "it is taken up again by itself" }),
    );
  }, lookEveryMs);
  look.unref();
  return { signal: gone.signal, stop: () => clearInterval(look) };
}

function wantedFile(state: string, module: string): string {
  return path.join(state, "locks", `${moduleName.parse(module)}.wanted`);
}
