import { stat } from "node:fs/promises";
import path from "node:path";
import type { BackupRow } from "../contract/api.ts";
import { backupRow } from "../contract/backup-row.ts";
import { findEach } from "./find-each.ts";
import { readBackup } from "./read-backup.ts";

/** How long whoever asks waits for the newest picture before they get the last one. */
const patienceMs = 100;
/** A look at all of a vault that takes less is made for each question. */
const quickMs = 100;
const longestRestMs = 30_000;
const readsAtOnce = 32;

/** The backups of all modules that have some, by their names: newest first, and the same array for as long as they are the same. */
export type RowsByModule = ReadonlyMap<string, readonly BackupRow[]>;

/** The backups of a vault in their short form, quickly, however many there are. */
export interface RowMemory {
  /** Usually as it is now; in a big vault as it was a moment ago. */
  list(): Promise<RowsByModule>;
  /** The same of one module, always as it is now. */
  listOf(module: string): Promise<readonly BackupRow[]>;
}

/** What a vault's folder has. */
export interface VaultFolder {
  /** The names of all modules, sorted. */
  modules(): Promise<string[]>;
  /** The ids of a module's backups, newest first; the same array for as long as they are the same. */
  ids(module: string): Promise<readonly string[]>;
}

interface Remembered {
  row: BackupRow;
  /** Changes with the folder and with its evidence; a sealed backup does not change otherwise. */
  mark: string;
}

interface RememberedModule {
  ids: readonly string[];
  rows: readonly BackupRow[];
}

/** Remembers what was read of a vault, and reads only what has changed. `clock` gives milliseconds. */
export function rememberRows(
  dir: string,
  { modules, ids }: VaultFolder,
  clock: () => number = () => performance.now(),
): RowMemory {
  const known = new Map<string, Remembered>();
  const byModule = new Map<string, RememberedModule>();
  /** Modules whose rows are to be put together anew, whoever saw what has changed. */
  const withNews = new Set<string>();
  let picture: RowsByModule | null = null;
  /** Before that time a look at all backups is too much. */
  let lookAgainAt = 0;
  let refreshing: Promise<RowsByModule> | null = null;

  async function look(id: string): Promise<void> {
    const mark = await markOf(path.join(dir, id));
    const before = known.get(id);
    if (before !== undefined && before.mark === mark && before.row.problem === null) return;
    const read = await readBackup(dir, id);
    if (read === null) known.delete(id);
    else known.set(id, { row: backupRow(read), mark });
    withNews.add(id.split("/")[0] ?? "");
  }

  async function lookAtAll(wanted: readonly string[]): Promise<void> {
    for (let start = 0; start < wanted.length; start += readsAtOnce)
      await Promise.all(wanted.slice(start, start + readsAtOnce).map(look));
  }

  function rowsOf(module: string, now: readonly string[]): readonly BackupRow[] {
    const before = byModule.get(module);
    if (before !== undefined && before.ids === now && !withNews.has(module)) return before.rows;
    forget(before?.ids ?? [], now);
    const rows = now.flatMap((id) => known.get(id)?.row ?? []);
    byModule.set(module, { ids: now, rows });
    withNews.delete(module);
    return rows;
  }

  function forget(before: readonly string[], now: readonly string[]): void {
    const there = new Set(now);
    for (const id of before) if (!there.has(id)) known.delete(id);
  }

  async function refresh(): Promise<RowsByModule> {
    const began = clock();
    const found = await findEach(await modules(), ids);
    for (const [module, before] of byModule) {
      if (found.has(module)) continue;
      forget(before.ids, []);
      byModule.delete(module);
    }
    // Which backups there are is seen each time; what was done with each of them, in a big vault, a moment later.
    const all = began >= lookAgainAt;
    const toLookAt = [...found].flatMap(([module, now]) => {
      if (all) return now;
      return byModule.get(module)?.ids === now ? [] : now.filter((id) => !known.has(id));
    });
    await lookAtAll(toLookAt);
    if (all) lookAgainAt = restAfter(clock() - began) + clock();
    const rows = [...found].map(([module, now]) => [module, rowsOf(module, now)] as const);
    picture = new Map(rows.filter(([, own]) => own.length > 0));
    return picture;
  }

  return {
    async list() {
      refreshing ??= refresh().finally(() => (refreshing = null));
      if (picture === null) return refreshing;
      refreshing.catch(() => undefined); // who waits for it is told
      const last = picture;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<RowsByModule>((resolve) => {
        timer = setTimeout(() => resolve(last), patienceMs);
      });
      return Promise.race([refreshing, patience]).finally(() => clearTimeout(timer));
    },
    async listOf(module) {
      const now = await ids(module);
      await lookAtAll(now);
      return rowsOf(module, now);
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
