import { stat } from "node:fs/promises";
import path from "node:path";
import type { BackupRow } from "../contract/api.ts";
import { backupRow } from "../contract/backup-row.ts";
import { readBackup } from "./read-backup.ts";

/** How long whoever asks waits for the newest picture before they get the last one. */
const patienceMs = 100;
/** A look at all of a vault that takes less is made for each question. */
const quickMs = 100;
const longestRestMs = 30_000;
const readsAtOnce = 32;

/** The backups of a vault in their short form, quickly, however many there are. */
export interface RowMemory {
  /** Of all modules, newest first within a module. Usually as it is now; in a big vault as it was a moment ago. */
  list(): Promise<readonly BackupRow[]>;
  /** The same of one module, always as it is now. */
  listOf(module: string): Promise<readonly BackupRow[]>;
}

interface Remembered {
  row: BackupRow;
  /** Changes with the folder and with its evidence; a sealed backup does not change otherwise. */
  mark: string;
}

/**
 * Remembers what was read of a vault, and reads only what has changed. `ids` lists the backups' ids as the vault has them,
 * `clock` gives milliseconds.
 */
export function rememberRows(
  dir: string,
  ids: (module?: string) => Promise<string[]>,
  clock: () => number = () => performance.now(),
): RowMemory {
  const known = new Map<string, Remembered>();
  let picture: readonly BackupRow[] | null = null;
  /** Before that time a look at all backups is too much. */
  let lookAgainAt = 0;
  let refreshing: Promise<readonly BackupRow[]> | null = null;

  async function look(id: string): Promise<void> {
    const folder = path.join(dir, id);
    const mark = await markOf(folder);
    const before = known.get(id);
    if (before !== undefined && before.mark === mark && before.row.problem === null) return;
    const [module = "", time = ""] = id.split("/");
    const read = await readBackup(folder, module, time);
    if (read === null) known.delete(id);
    else known.set(id, { row: backupRow(read), mark });
  }

  async function lookAtAll(wanted: readonly string[]): Promise<void> {
    for (let start = 0; start < wanted.length; start += readsAtOnce)
      await Promise.all(wanted.slice(start, start + readsAtOnce).map(look));
  }

  function rowsOf(wanted: readonly string[]): BackupRow[] {
    return wanted.map((id) => known.get(id)?.row ?? null).filter((row) => row !== null);
  }

  async function refresh(): Promise<readonly BackupRow[]> {
    const began = clock();
    const wanted = await ids();
    const there = new Set(wanted);
    for (const id of known.keys()) if (!there.has(id)) known.delete(id);
    // Which backups there are is seen each time; what was done with each of them, in a big vault, a moment later.
    const all = began >= lookAgainAt;
    await lookAtAll(all ? wanted : wanted.filter((id) => !known.has(id)));
    if (all) lookAgainAt = restAfter(clock() - began) + clock();
    picture = rowsOf(wanted);
    return picture;
  }

  return {
    async list() {
      refreshing ??= refresh().finally(() => (refreshing = null));
      if (picture === null) return refreshing;
      refreshing.catch(() => undefined); // who waits for it is told
      const last = picture;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<readonly BackupRow[]>((resolve) => {
        timer = setTimeout(() => resolve(last), patienceMs);
      });
      return Promise.race([refreshing, patience]).finally(() => clearTimeout(timer));
    },
    async listOf(module) {
      const wanted = await ids(module);
      await lookAtAll(wanted);
      return rowsOf(wanted);
    },
  };
}

/** Looking at all backups again takes no more than a tenth of the time; where that is quickly done, each question is worth it. */
function restAfter(tookMs: number): number {
  return tookMs < quickMs ? 0 : Math.min(tookMs * 9, longestRestMs);
}

async function markOf(folder: string): Promise<string> {
  const [own, evidence] = await Promise.all(
    [folder, path.join(folder, "evidence.ndjson")].map((one) => stat(one).catch(() => null)),
  );
  return `${own?.ino ?? 0} ${own?.mtimeMs ?? 0} ${evidence?.mtimeMs ?? 0} ${evidence?.size ?? 0}`;
}
