import { chmod, mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { backupTime, parseBackupTime } from "../contract/backup-id.ts";
import { machineName } from "../contract/machine.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { freeTime, type PointParts } from "./point-parts.ts";

/** A point in the making: what it will be called, and the folder in which it is written. */
export interface PartialPoint extends PointParts {
  folder: string;
}

export interface PointWish {
  machine: string;
  time: Date;
  /** The point that it builds on, in whose chain it is put; null begins a chain. */
  parent: Pick<PointParts, "chain" | "time"> | null;
}

// QEMU, which writes the disks, has to come through, and need not see what else there is.
const folderMode = 0o711;

/**
 * Makes `<vault>/<machine>/<chain>/.<time>.partial`. No two points of a machine have the same time, and one is always later than
 * what it builds on, whatever the clock says.
 */
export async function createPartialPoint(
  vault: string,
  { machine, time, parent }: PointWish,
  taken: () => Promise<string[]>,
): Promise<PartialPoint> {
  const home = path.join(vault, machineName.parse(machine));
  const earliest = parent === null ? 0 : parseBackupTime(parent.time).getTime() + 1000;
  const name = freeTime(new Date(Math.max(time.getTime(), earliest)), new Set(await taken()));
  const chain = parent === null ? name : backupTime.parse(parent.chain);
  const folder = path.join(home, chain, `.${name}.partial`);
  try {
    // The vault itself is never made: an unmounted share must not become a folder on the small disk below it.
    await stat(vault);
    for (const one of [home, path.join(home, chain)]) await makeFolder(one);
    await mkdir(folder, { mode: folderMode });
    await chmod(folder, folderMode);
    return { machine, chain, time: name, folder };
  } catch (thrown) {
    throw storageFailure(`can't start a point in ${home}`, thrown);
  }
}

async function makeFolder(folder: string): Promise<void> {
  if ((await mkdir(folder, { recursive: true, mode: folderMode })) !== undefined) await chmod(folder, folderMode);
}
