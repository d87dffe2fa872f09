import { stat, statfs } from "node:fs/promises";
import path from "node:path";
import type { DoctorCheck } from "../contract/api.ts";
import { errorCode } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { tryFolder } from "./try-folder.ts";

export interface FolderToCheck {
  name: "vault" | "state" | "scratch" | "copies";
  folder: string;
  /** Free bytes below which a person should know. */
  wanted: number;
  /** What to do where there is little room. */
  roomHint?: string;
}

const usualHint = "free some space, or lower davit.keep and run `davit prune`";

/**
 * Whether a folder of Davit's own takes what is written to it, and has room. State and scratch are made when they are first
 * needed, the vault never: a share that is not mounted must not become a folder on the small disk below it.
 */
export async function checkFolder({ name, folder, wanted, roomHint = usualHint }: FolderToCheck): Promise<DoctorCheck> {
  const there = await nearestFolder(folder);
  if (there !== folder && (name === "vault" || name === "copies"))
    return {
      name,
      status: "error",
      message: `${name === "vault" ? "the vault" : "the folder of copies"} ${folder} is not there`,
      hint: `mount the disk or share that is to hold the backups, or make the folder: mkdir -p ${folder}; in a container, mount it at the same path`,
    };
  await tryFolder(there);
  const { bavail, blocks, bsize } = await statfs(there);
  const room = `${inGiB(bavail * bsize)} of ${inGiB(blocks * bsize)} GiB free`;
  const made = there === folder ? "can be written to" : "is not there yet and will be made";
  if (bavail * bsize >= wanted) return { name, status: "ok", message: `${folder} ${made}, ${room}` };
  return {
    name,
    status: "warning",
    message: `${folder} ${made}, but is nearly full: ${room}`,
    hint: roomHint,
  };
}

/** The folder itself, or the first above it that is there. */
async function nearestFolder(folder: string): Promise<string> {
  try {
    await stat(folder);
    return folder;
  } catch (thrown) {
    if (errorCode(thrown) !== "ENOENT" || folder === "/") throw storageFailure(`can't look at ${folder}`, thrown);
    return nearestFolder(path.dirname(folder));
  }
}

function inGiB(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
