import { closeSync, constants, lstatSync, openSync, rmSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { type BytePath, fsPath, toDisplay } from "../format/byte-path.ts";
import { mkdirAt, moveAt, openDirectoryBeneath, syncFileSystemOf } from "../libc/at.ts";
import type { Place } from "./places.ts";

/** One exchange of what stands at a place. All names are those of entries of the place's folder. */
export interface Swap extends Place {
  /** The folder that holds what comes in under the place's name; empty where that lies beside the place as `incoming`. */
  staging: BytePath;
  /** What comes in; null where nothing does, and the place is only cleared. */
  incoming: BytePath | null;
  /** What the place's old data is called afterwards. */
  aside: BytePath;
  /** Whether there is old data. */
  replaces: boolean;
}

/** Makes sure that the folder of each place is there; gives those that had to be made. */
export async function makeParents(places: readonly Place[]): Promise<string[]> {
  const made: string[] = [];
  for (const place of places) {
    await mkdir(place.root, { recursive: true });
    const steps = place.parent === "" ? [] : place.parent.split("/");
    for (const [index, name] of steps.entries()) {
      const above = { ...place, parent: steps.slice(0, index).join("/") };
      inParent(above, (at) => {
        if (exists(at, name)) return;
        mkdirAt(at, name, 0o755);
        made.push(`${place.root}/${toDisplay(steps.slice(0, index + 1).join("/"))}`);
      });
    }
  }
  return made;
}

/** Opens the folder of a place, whatever links were slipped in on the way to it; the caller closes it. Throws `unsafe` for such a link. */
export function openParent({ root, parent, name }: Place): number {
  const fd = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return openDirectoryBeneath(fd, parent === "" ? "." : parent);
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code !== "ELOOP" && code !== "ENOTDIR" && code !== "EXDEV") throw thrown;
    throw new Failure("unsafe", `${root}/${toDisplay(parent)}/${toDisplay(name)} lies behind a link or a file`, {
      hint: "restore with --to a folder, and look at what is there",
      cause: thrown,
    });
  } finally {
    closeSync(fd);
  }
}

/**
 * Puts in what is to come in and renames what was there aside. Everything is on the disk before the first name changes. Throws
 * in the middle where a name can't be changed: `swapBack` undoes the part that was done.
 */
export function swapIn(swaps: readonly Swap[]): void {
  for (const swap of swaps) inParent(swap, syncThrough);
  for (const swap of swaps) {
    inParent(swap, (at) => {
      if (exists(at, swap.name)) move(swap, at, swap.name, at, swap.aside);
      if (swap.incoming === null) return;
      const incoming = swap.incoming;
      inStaging(swap, at, (from) => move(swap, from, incoming, at, swap.name));
    });
  }
  for (const swap of swaps) inParent(swap, syncThrough);
}

/** Undoes `swapIn`, also one that was cut off anywhere; doing it twice changes nothing. */
export function swapBack(swaps: readonly Swap[]): void {
  for (const swap of swaps.toReversed()) {
    inParentIfThere(swap, (at) => {
      const isAside = exists(at, swap.aside);
      // While old data is not aside it stands in its place, and must not be taken for what came in.
      if (isAside || !swap.replaces) takeOut(swap, at, isAside);
      if (isAside) move(swap, at, swap.aside, at, swap.name);
      syncThrough(at);
    });
  }
}

/** Moves what came in back to where it was made ready; where that folder is gone, it is made for old data to get its place. */
function takeOut(swap: Swap, at: number, isAside: boolean): void {
  const { incoming } = swap;
  if (incoming === null || !exists(at, swap.name)) return;
  if (swap.staging !== "" && !exists(at, swap.staging)) {
    if (!isAside) return;
    mkdirAt(at, swap.staging, 0o700);
  }
  inStaging(swap, at, (from) => {
    if (!exists(from, incoming)) move(swap, at, swap.name, from, incoming);
  });
}

/** Removes the folders in which the swaps' data was made ready. */
export function removeStaging(swaps: readonly Swap[]): void {
  for (const swap of swaps) {
    if (swap.staging === "") continue;
    inParentIfThere(swap, (at) =>
      rmSync(fsPath(`/proc/self/fd/${at}/${swap.staging}`), { recursive: true, force: true }),
    );
  }
}

/** Whether a name stands in an open folder, a dangling link included. */
export function exists(at: number, name: BytePath): boolean {
  return lstatSync(fsPath(`/proc/self/fd/${at}/${name}`), { throwIfNoEntry: false }) !== undefined;
}

/** Whether another file system is mounted on a name. */
export function isMountPoint(at: number, name: BytePath): boolean {
  const found = lstatSync(fsPath(`/proc/self/fd/${at}/${name}`), { throwIfNoEntry: false });
  return found !== undefined && found.dev !== statSync(`/proc/self/fd/${at}`).dev;
}

/** What can't be exchanged, since the kernel renames no mount point. */
export function mountPoint(place: Place, cause?: unknown): Failure {
  return new Failure("storage", `${shown(place)} can't be exchanged: it is a mount point`, {
    hint: "restore with --to a folder on that file system, stop the containers, and move the data into place by hand",
    cause,
  });
}

export function inParent<T>(place: Place, work: (at: number) => T): T {
  const at = openParent(place);
  try {
    return work(at);
  } finally {
    closeSync(at);
  }
}

function inParentIfThere(place: Place, work: (at: number) => void): void {
  try {
    inParent(place, work);
  } catch (thrown) {
    // Where the folder itself is gone there is nothing to put back or to remove.
    if (errorCode(thrown) !== "ENOENT") throw thrown;
  }
}

function inStaging(swap: Swap, at: number, work: (from: number) => void): void {
  if (swap.staging === "") {
    work(at);
    return;
  }
  const from = openDirectoryBeneath(at, swap.staging);
  try {
    work(from);
  } finally {
    closeSync(from);
  }
}

function move(swap: Swap, fromAt: number, from: BytePath, toAt: number, to: BytePath): void {
  try {
    moveAt(fromAt, from, toAt, to);
  } catch (thrown) {
    if (errorCode(thrown) === "EBUSY" || errorCode(thrown) === "EXDEV") throw mountPoint(swap, thrown);
    throw storageFailure(`can't rename ${shown(swap)}`, thrown);
  }
}

function syncThrough(at: number): void {
  // What is open for lookups only can't be synced.
  const fd = openSync(`/proc/self/fd/${at}`, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    syncFileSystemOf(fd);
  } finally {
    closeSync(fd);
  }
}

function shown({ root, parent, name }: Place): string {
  return [root === "/" ? "" : root, toDisplay(parent), toDisplay(name)].filter((part) => part !== "").join("/");
}
