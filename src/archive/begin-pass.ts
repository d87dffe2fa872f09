import { closeSync, constants, openSync, statfsSync } from "node:fs";
import { errorCode } from "../failure/failure.ts";
import { syncFileSystemOf } from "../libc/at.ts";
import type { EarlierPass } from "./read-message.ts";

/** Times of files lag behind the clock by up to a tick of the kernel. */
const clockTickMs = 20;
const theBeginning = { seconds: 0, nanoseconds: 0 };
const tmpfs = 0x01021994; // TMPFS_MAGIC of linux/magic.h
const ramfs = 0x858458f6;

/**
 * When a pass begins: from then on a change of one of the sources shows in a file's times. A write through a memory map
 * moves them only when it is the first one to its page since the page was written to the disk; so the instant is taken, and
 * then all is written. Where that can't be done, everything counts as changed later.
 */
export function beginPass(sources: readonly string[]): EarlierPass["began"] {
  const now = Date.now() - clockTickMs;
  if (!sources.every(syncFileSystem)) return theBeginning;
  return { seconds: Math.floor(now / 1000), nanoseconds: (now % 1000) * 1_000_000 };
}

function syncFileSystem(path: string): boolean {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      syncFileSystemOf(fd);
      return true;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return errorCode(error) === "ENOENT"; // there is nothing that could change
  }
}

/** Whether a source lies in memory, where mapped writes leave no trace, so that nothing is won by reading it before the hold. */
export function isInMemory(source: string): boolean {
  try {
    const { type } = statfsSync(source);
    return type === tmpfs || type === ramfs;
  } catch {
    return false; // told by the walk
  }
}
