import { readdir, rename, rm, rmdir, statfs } from "node:fs/promises";
import path from "node:path";
import { backupTime } from "../contract/backup-id.ts";
import { machineName, type PointSummary } from "../contract/machine.ts";
import { type Evidence, evidence } from "../contract/manifest.ts";
import { appendLine } from "../durable/append-line.ts";
import { syncFolder } from "../durable/sync-folder.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { createPartialPoint, type PartialPoint, type PointWish } from "./create-partial-point.ts";
import { listFolder } from "./list-folder.ts";
import { pointParts } from "./point-parts.ts";
import { readChain } from "./read-chain.ts";
import { resolvePoint } from "./resolve-point.ts";
import { evidenceFile } from "../format/file-names.ts";

/**
 * The folder of sealed points, `<vault>/<machine>/<chain>/<point>`. Every method that touches the disk throws a `storage`
 * Failure where that fails.
 */
export interface PointVault {
  readonly dir: string;
  /**
   * Points of one machine or of all, newest first within a machine. One that can't be used has its `problem`, and so has each
   * that builds on it.
   */
  list(machine?: string): Promise<PointSummary[]>;
  /**
   * The point that `docker-host@latest`, `docker-host@20261123T020000Z`, `docker-host/20261123T020000Z` or the whole id names.
   * A `missing` Failure names what there is instead.
   */
  resolve(id: string): Promise<PointSummary>;
  /** The point and those that it builds on, the full first; `damaged` where one of them can't be used. */
  ancestry(id: string): Promise<PointSummary[]>;
  /** The folder of a point, whether or not it is there; a `usage` Failure for anything that is not a whole id. */
  folder(id: string): string;
  /** Makes the folder in which a point is written; where the time is taken, the next free second is used. */
  createPartial(wish: PointWish): Promise<PartialPoint>;
  /** The folders of points that were begun and not sealed, of one machine. */
  partials(machine: string): Promise<PartialPoint[]>;
  /**
   * Removes what a crash left: half removed points, and half written ones and empty chains of machines that nobody owns. Gives
   * the paths.
   */
  sweepPartials(isOwned: (machine: string) => boolean | Promise<boolean>): Promise<string[]>;
  /** Removes a point; at no moment is a half removed one listed. One that another builds on is refused (`usage`). */
  remove(id: string): Promise<void>;
  appendEvidence(id: string, evidence: Evidence): Promise<void>;
  /** Bytes that the vault's file system has left for Davit. */
  freeBytes(): Promise<number>;
}

/** Opens a vault; nothing is read before a method is called. */
export function openPointVault(dir: string, now: () => Date = () => new Date()): PointVault {
  const folder = (id: string): string => {
    const { machine, chain, time } = pointParts(id);
    return path.join(dir, machine, chain, time);
  };
  const machines = async (): Promise<string[]> =>
    (await listFolder(dir)).filter((name) => machineName.safeParse(name).success).toSorted();
  const chains = async (machine: string): Promise<string[]> => {
    const names = await listFolder(path.join(dir, machineName.parse(machine)), true);
    return names.filter((name) => backupTime.safeParse(name).success).toSorted();
  };
  const list = async (machine?: string): Promise<PointSummary[]> => {
    const points: PointSummary[] = [];
    for (const name of machine === undefined ? await machines() : [machineName.parse(machine)]) {
      const own: PointSummary[] = [];
      for (const chain of await chains(name)) own.push(...(await readChain(dir, name, chain)));
      points.push(...own.toSorted((a, b) => (a.time < b.time ? 1 : -1)));
    }
    return points;
  };
  const partials = async (machine: string): Promise<PartialPoint[]> => {
    const found: PartialPoint[] = [];
    for (const chain of await chains(machine)) {
      for (const name of await listFolder(path.join(dir, machine, chain), true)) {
        const time = /^\.(\d{8}T\d{6}Z)\.partial$/u.exec(name)?.[1];
        if (time !== undefined) found.push({ machine, chain, time, folder: path.join(dir, machine, chain, name) });
      }
    }
    return found;
  };
  return {
    dir,
    list,
    folder,
    partials,
    resolve: (id) => resolvePoint(id, { now: now(), list, machines }),
    ancestry: async (id) => ancestry(id, await readChain(dir, pointParts(id).machine, pointParts(id).chain)),
    createPartial: (wish) =>
      createPartialPoint(dir, wish, async () => (await list(wish.machine)).map(({ time }) => time)),
    sweepPartials: async (isOwned) => {
      const swept: string[] = [];
      for (const machine of await machines()) {
        const owned = await isOwned(machine);
        for (const chain of await chains(machine))
          swept.push(...(await sweepChain(path.join(dir, machine, chain), owned)));
      }
      return swept;
    },
    remove: async (id) => {
      const { machine, chain, time } = pointParts(id);
      const child = (await readChain(dir, machine, chain)).find((one) => one.manifest?.parent === time);
      if (child !== undefined)
        throw new Failure("usage", `${id} can't be removed: ${child.id} builds on it`, {
          hint: "remove the newest point of a chain first",
        });
      await remove(folder(id), id);
    },
    appendEvidence: async (id, record) => {
      const file = path.join(folder(id), evidenceFile);
      try {
        await appendLine(file, JSON.stringify(evidence.parse(record)));
      } catch (thrown) {
        if (errorCode(thrown) === "ENOENT") throw new Failure("missing", `there is no point ${id}`, { cause: thrown });
        throw storageFailure(`can't write ${file}`, thrown);
      }
    },
    freeBytes: async () => {
      try {
        const { bavail, bsize } = await statfs(dir);
        return bavail * bsize;
      } catch (thrown) {
        throw storageFailure(`can't ask for the free space of ${dir}`, thrown);
      }
    },
  };
}

function ancestry(id: string, chain: readonly PointSummary[]): PointSummary[] {
  const found: PointSummary[] = [];
  let point = chain.find((one) => one.id === id);
  if (point === undefined) throw new Failure("missing", `there is no point ${id}`);
  if (point.problem !== null) throw new Failure("damaged", `${id} can't be used: ${point.problem}`);
  // A point without a problem has all of its parents, and none twice: each is older than its child.
  while (point !== undefined) {
    found.unshift(point);
    const parent: string | null = point.manifest?.parent ?? null;
    point = chain.find((one) => one.time === parent);
  }
  return found;
}

const leftover = /^\.\d{8}T\d{6}Z\.(partial|removing)$/u;

async function sweepChain(folder: string, owned: boolean): Promise<string[]> {
  const swept: string[] = [];
  const entries = await readEntries(folder);
  for (const name of entries.filter((one) => leftover.test(one) && (!owned || one.endsWith(".removing")))) {
    await removeTree(path.join(folder, name));
    swept.push(path.join(folder, name));
  }
  if (!owned && (await removeIfEmpty(folder))) swept.push(folder);
  return swept;
}

async function readEntries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return [];
    throw storageFailure(`can't read ${folder}`, thrown);
  }
}

async function remove(folder: string, id: string): Promise<void> {
  const chain = path.dirname(folder);
  const aside = path.join(chain, `.${path.basename(folder)}.removing`);
  try {
    await rename(folder, aside);
    await syncFolder(chain);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") throw new Failure("missing", `there is no point ${id}`, { cause: thrown });
    throw storageFailure(`can't remove ${folder}`, thrown);
  }
  await removeTree(aside);
  await removeIfEmpty(chain);
}

async function removeTree(target: string): Promise<void> {
  try {
    await rm(target, { recursive: true, force: true });
  } catch (thrown) {
    throw storageFailure(`can't remove ${target}`, thrown);
  }
}

async function removeIfEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (thrown) {
    if (["ENOTEMPTY", "EEXIST", "ENOENT"].includes(errorCode(thrown) ?? "")) return false;
    throw storageFailure(`can't remove ${folder}`, thrown);
  }
}
