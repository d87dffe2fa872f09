import { lstat, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "../durable/sync-folder.ts";
import { errorCode } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { type RollUpEntry, type RollUpJournal, rollUpFolders } from "./open-roll-up-journal.ts";

/** Puts the full that was made in the place of the point that it was made of, which is kept beside it. */
export async function exchangeRolledUp(chainFolder: string, cut: string): Promise<void> {
  const { made, old, point } = rollUpFolders(chainFolder, cut);
  await move(point, old);
  await move(made, point);
  await sync(chainFolder);
}

/**
 * Ends the machine's roll-up that was cut off. Up to the moment at which the new full had been read again everything is put back as it was;
 * from then on what it replaces is removed, by `remove`, the newest first. Gives what was done, null where there was nothing. Only
 * for who has the machine's lock.
 */
export async function healRollUp(
  journal: RollUpJournal,
  machine: string,
  machineFolder: string,
  remove: (entry: RollUpEntry) => Promise<void>,
): Promise<"undone" | "finished" | null> {
  const entry = await journal.read(machine);
  if (entry === null) return null;
  const folder = join(machineFolder, entry.chain);
  if (entry.phase === "remove") {
    await remove(entry);
    await journal.clear(machine);
    return "finished";
  }
  await putBack(folder, entry.cut);
  await journal.clear(machine);
  return "undone";
}

async function putBack(chainFolder: string, cut: string): Promise<void> {
  const { making, made, old, point } = rollUpFolders(chainFolder, cut);
  if (await exists(old)) {
    // Cut off between the two names, or after both.
    if (await exists(point)) await move(point, made);
    await move(old, point);
    await sync(chainFolder);
  }
  for (const one of [making, made]) await removeTree(one);
}

/** Removes the point that a synthetic full has replaced, for good. */
export async function removeReplaced(chainFolder: string, cut: string): Promise<void> {
  await removeTree(rollUpFolders(chainFolder, cut).old);
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (thrown) {
    throw storageFailure(`can't rename ${from}`, thrown);
  }
}

async function sync(folder: string): Promise<void> {
  try {
    await syncFolder(folder);
  } catch (thrown) {
    throw storageFailure(`can't write ${folder}`, thrown);
  }
}

async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (thrown) {
    throw storageFailure(`can't remove ${folder}`, thrown);
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    await lstat(folder);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return false;
    throw storageFailure(`can't read ${folder}`, thrown);
  }
}
