import { readdir, rename, rm, statfs } from "node:fs/promises";
import path from "node:path";
import type { Evidence, BackupSummary } from "../contract/manifest.ts";
import { backupId, backupTime, moduleName } from "../contract/backup-id.ts";
import { rememberNames } from "../durable/remember-names.ts";
import { syncFolder } from "../durable/sync-folder.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { appendEvidence } from "./append-evidence.ts";
import { createPartial } from "./create-partial.ts";
import { findEach } from "./find-each.ts";
import { readBackup } from "./read-backup.ts";
import { type RowMemory, rememberRows } from "./remember-rows.ts";
import { resolveBackup } from "./resolve-backup.ts";
import { writeRestoreNote } from "./write-restore-note.ts";

/** The folder of sealed backups. Every method that touches the disk throws a `storage` Failure where that fails. */
export interface Vault {
  readonly dir: string;
  /** Backups of one module or of all, newest first within a module; one that can't be used has its `problem`. */
  list(module?: string): Promise<BackupSummary[]>;
  /** The same in their short form, remembered: quick in a big vault. */
  readonly rows: RowMemory;
  /** The backup that `nas/20261122T020000Z` or `nas@latest` names; a `missing` Failure names what there is instead. */
  resolve(id: string): Promise<BackupSummary>;
  /** The folder of a backup, whether or not it is there; a `usage` Failure for anything that is not an id. */
  folder(id: string): string;
  /** Makes the folder `.<time>.partial` and gives its path; where the time is taken, the next free second is used. */
  createPartial(module: string, time: Date): Promise<string>;
  /** Removes what a crash left: half removed backups, and half written ones of modules that no run owns. Gives their paths. */
  sweepPartials(isOwned: (module: string) => boolean | Promise<boolean>): Promise<string[]>;
  /** Removes a backup; at no moment is a half removed one listed. */
  remove(id: string): Promise<void>;
  appendEvidence(id: string, evidence: Evidence): Promise<void>;
  /** Bytes that the vault's file system has left for Davit. */
  freeBytes(): Promise<number>;
  /** Makes sure that RESTORE.txt tells how to restore with tar alone. */
  writeRestoreNote(): Promise<void>;
}

/** Opens a vault; nothing is read before a method is called. */
export function openVault(dir: string, now: () => Date = () => new Date()): Vault {
  const folder = (id: string): string => {
    const [module, time, ...rest] = id.split("/");
    if (!moduleName.safeParse(module).success || !backupTime.safeParse(time).success || rest.length > 0)
      throw new Failure("usage", `${id} is not a backup's id`, { hint: "an id looks like nas/20261122T020000Z" });
    return path.join(dir, module ?? "", time ?? "");
  };
  const modules = (): Promise<string[]> => moduleFolders(dir);
  const remembered = new Map<string, (names: readonly string[]) => readonly string[]>();
  const ids = async (module: string): Promise<readonly string[]> => {
    const own = remembered.get(module) ?? rememberNames((names) => idsAmong(module, names));
    remembered.set(module, own);
    return own(await entriesOf(path.join(dir, moduleName.parse(module))));
  };
  const list = async (module?: string): Promise<BackupSummary[]> => {
    const all = await findEach(module === undefined ? await modules() : [module], ids);
    const read = await findEach([...all.values()].flat(), (id) => readBackup(dir, id));
    return [...read.values()].filter((backup) => backup !== null);
  };
  return {
    dir,
    list,
    rows: rememberRows(dir, { modules, ids }),
    folder,
    resolve: (id) => resolveBackup(id, { dir, now: now(), list, modules }),
    createPartial: (module, time) => createPartial(dir, module, time),
    sweepPartials: (isOwned) => sweepPartials(dir, isOwned),
    remove: (id) => remove(folder(id), id),
    appendEvidence: (id, evidence) => appendEvidence(folder(id), id, evidence),
    freeBytes: async () => {
      try {
        const { bavail, bsize } = await statfs(dir);
        return bavail * bsize;
      } catch (thrown) {
        throw storageFailure(`can't ask for the free space of ${dir}`, thrown);
      }
    },
    writeRestoreNote: () => writeRestoreNote(dir),
  };
}

/** The ids of the backups among a module folder's names, newest first. */
function idsAmong(module: string, names: readonly string[]): string[] {
  const times = names.filter((name) => backupTime.safeParse(name).success).toSorted();
  return times.toReversed().map((time) => backupId(module, time));
}

async function moduleFolders(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    // A module's folder may be a link to another disk.
    const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
    const names = folders.map((entry) => entry.name);
    return names.filter((name) => moduleName.safeParse(name).success).toSorted();
  } catch (thrown) {
    throw storageFailure(`can't read the vault ${dir}`, thrown);
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return [];
    throw storageFailure(`can't read ${folder}`, thrown);
  }
}

async function sweepPartials(dir: string, isOwned: (module: string) => boolean | Promise<boolean>): Promise<string[]> {
  const swept: string[] = [];
  for (const module of await moduleFolders(dir)) {
    const entries = await entriesOf(path.join(dir, module));
    const leftovers = entries.filter((name) => leftover.test(name));
    if (leftovers.length === 0) continue;
    const owned = await isOwned(module);
    for (const name of leftovers.filter((one) => !owned || one.endsWith(".removing"))) {
      const target = path.join(dir, module, name);
      await removeTree(target);
      swept.push(target);
    }
  }
  return swept;
}

const leftover = /^\.\d{8}T\d{6}Z\.(partial|removing)$/u;

async function remove(folder: string, id: string): Promise<void> {
  const aside = path.join(path.dirname(folder), `.${path.basename(folder)}.removing`);
  try {
    await rename(folder, aside);
    await syncFolder(path.dirname(folder));
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") throw new Failure("missing", `there is no backup ${id}`, { cause: thrown });
    throw storageFailure(`can't remove ${folder}`, thrown);
  }
  await removeTree(aside);
}

async function removeTree(target: string): Promise<void> {
  try {
    await rm(target, { recursive: true, force: true });
  } catch (thrown) {
    throw storageFailure(`can't remove ${target}`, thrown);
  }
}
