import { chmod, chown, lstat, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { formatBackupTime } from "../contract/backup-id.ts";
import { syncFolder } from "../durable/sync-folder.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import type { DiskRestoreEntry, DiskSwap } from "./open-disk-restore-journal.ts";

/** The exchanges that put new files, still to be made, in the places of a machine's files. None of the names is in use. */
export async function planDiskSwaps(files: readonly string[], now: Date): Promise<DiskSwap[]> {
  return unused(now, async (time) => {
    const swaps: DiskSwap[] = [];
    for (const file of files)
      swaps.push({
        file,
        incoming: besides(file, ".davit-restore", time),
        isNew: true,
        aside: (await exists(file)) ? besides(file, ".before-restore", time) : null,
      });
    return swaps;
  });
}

/**
 * The exchanges that take back those of a restore that was done: the old files come in again, the restored go aside. Throws `missing` where
 * an old file was removed since.
 */
export async function planDiskUndo(done: DiskRestoreEntry, now: Date): Promise<DiskSwap[]> {
  for (const { aside } of done.swaps)
    if (aside !== null && !(await exists(aside)))
      throw new Failure("missing", `the old disk is not there any more: ${aside}`, {
        hint: "there is nothing to go back to; restore another point instead",
      });
  return unused(now, async (time) => {
    const swaps: DiskSwap[] = [];
    for (const { file, aside } of done.swaps)
      if (aside !== null)
        swaps.push({
          file,
          incoming: aside,
          isNew: false,
          aside: (await exists(file)) ? besides(file, ".undone", time) : null,
        });
    return swaps;
  });
}

/**
 * Renames each old file aside and the new one to its name, with its owner and mode. Throws in the middle where a name can't be changed:
 * `swapBack` undoes the part that was done.
 */
export async function swapIn(swaps: readonly DiskSwap[]): Promise<void> {
  for (const { file, incoming, aside } of swaps) {
    if (aside !== null) {
      await likeOld(file, incoming);
      await move(file, aside);
    }
    await move(incoming, file);
  }
  await syncFolders(swaps);
}

/** Undoes `swapIn`, also one that was cut off anywhere; doing it twice changes nothing. */
export async function swapBack(swaps: readonly DiskSwap[]): Promise<void> {
  for (const { file, incoming, aside } of swaps.toReversed()) {
    const isAside = aside !== null && (await exists(aside));
    // While the old file is not aside it stands in its place, and must not be taken for what came in.
    const cameIn = (isAside || aside === null) && !(await exists(incoming)) && (await exists(file));
    if (cameIn) await move(file, incoming);
    if (isAside) await move(aside, file);
  }
  await syncFolders(swaps);
}

/** Removes what was made to come in and did not. */
export async function removeIncoming(swaps: readonly DiskSwap[]): Promise<void> {
  for (const { incoming, isNew } of swaps) {
    if (!isNew) continue;
    try {
      await rm(incoming, { force: true });
    } catch (thrown) {
      throw storageFailure(`can't remove ${incoming}`, thrown);
    }
  }
}

function besides(file: string, prefix: string, time: string): string {
  return join(dirname(file), `${prefix}-${time}-${basename(file)}`);
}

async function unused(now: Date, plan: (time: string) => Promise<DiskSwap[]>): Promise<DiskSwap[]> {
  for (let instant = now.getTime(); ; instant += 1000) {
    const swaps = await plan(formatBackupTime(new Date(instant)));
    const names = swaps.flatMap(({ incoming, isNew, aside }) => [isNew ? incoming : [], aside ?? []].flat());
    const taken = await Promise.all(names.map(exists));
    if (!taken.includes(true)) return swaps;
  }
}

async function likeOld(old: string, file: string): Promise<void> {
  try {
    const { uid, gid, mode } = await stat(old);
    await chown(file, uid, gid);
    await chmod(file, mode & 0o777);
  } catch (thrown) {
    throw storageFailure(`can't give ${file} the owner and mode of ${old}`, thrown);
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (thrown) {
    throw storageFailure(`can't rename ${from}`, thrown);
  }
}

async function syncFolders(swaps: readonly DiskSwap[]): Promise<void> {
  for (const folder of new Set(swaps.map(({ file }) => dirname(file)))) {
    try {
      await syncFolder(folder);
    } catch (thrown) {
      throw storageFailure(`can't write ${folder}`, thrown);
    }
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return false;
    throw storageFailure(`can't read ${file}`, thrown);
  }
}
