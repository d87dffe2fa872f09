import { link, lstat, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { syncFolder } from "./sync-folder.ts";

/**
 * Gives a file that was written beside it its final name, in one step, and never in the place of another: `usage` where that name is
 * taken. It survives a power cut once the promise is fulfilled.
 */
export async function placeFile(temporary: string, final: string): Promise<void> {
  try {
    await withoutOverwriting(temporary, final);
    await syncFolder(dirname(final));
  } catch (thrown) {
    if (errorCode(thrown) === "EEXIST") throw taken(final, thrown);
    throw storageFailure(`can't write ${final}`, thrown);
  }
}

async function withoutOverwriting(temporary: string, final: string): Promise<void> {
  try {
    // Unlike a rename, a link never takes the place of what is there.
    await link(temporary, final);
  } catch (thrown) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(errorCode(thrown) ?? "")) throw thrown;
    // A file system without links, such as exFAT.
    if (await isThere(final)) throw taken(final, thrown);
    await rename(temporary, final);
    return;
  }
  await rm(temporary);
}

/** Throws `usage` where one of the names is taken. */
export async function requireFree(...files: readonly string[]): Promise<void> {
  for (const file of files) if (await isThere(file)) throw taken(file);
}

async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return false;
    throw storageFailure(`can't read ${file}`, thrown);
  }
}

function taken(file: string, cause?: unknown): Failure {
  return new Failure("usage", `${file} is there already, and is not overwritten`, {
    hint: "name another place, or move it away",
    cause,
  });
}
