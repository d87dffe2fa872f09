import { closeSync, constants, openSync } from "node:fs";
import path from "node:path";
import { Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { tryLock } from "../libc/file-lock.ts";

/**
 * Makes sure that one server alone uses a state folder: two would each keep the schedule, and overwrite what the other knows of
 * it. Throws `busy` where another one runs. The kernel lets go with the process, however it ends; gives what lets go before.
 */
export function takeServeLock(
  state: string,
  program = "davit serve",
  hint = "stop that one first, or give this one a folder of its own with DAVIT_STATE",
): () => void {
  const file = path.join(state, "serve.lock");
  try {
    const fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    if (tryLock(fd)) return () => closeSync(fd);
    closeSync(fd);
  } catch (thrown) {
    throw storageFailure(`can't take the lock ${file}`, thrown);
  }
  throw new Failure("busy", `another \`${program}\` uses the state folder ${state}`, { hint });
}
