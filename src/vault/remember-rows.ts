import { stat } from "node:fs/promises";
import path from "node:path";
import type { BackupRow } from "../contract/api.ts";
import { backupRow } from "../contract/backup-row.ts";
import { readBackup } from "./read-backup.ts";

/** How long whoever asks waits for the newest picture before they get the last one. */
const patienceMs = 200;
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

/** Remembers what was read of a vault, and reads only what has changed. `ids` lists the backups' ids as the vault has them. */
export function rememberRows(dir: string, ids: (module?: string) => Promise<string[]>): RowMemory {
  const known = new Map<string, Remembered>();
  let picture: readonly BackupRow[] | null = null;
  let refreshing: Promise<readonly BackupRow[]> | null = null;

  async function look(id: string): Promise<BackupRow | null> {
    const folder = path.join(dir, id);
    const mark = await markOf(folder);
    const before = known.get(id);
    if (before !== undefined && before.mark === mark && before.row.problem === null) return before.row;
    const [module = "", time = ""] = id.split("/");
    const read = await readBackup(folder, module, time);
    if (read === null) return null;
    const row = backupRow(read);
    known.set(id, { row, mark });
    return row;
  }

  async function rowsOf(wanted: readonly string[]): Promise<BackupRow[]> {
    const rows: BackupRow[] = [];
    for (let start = 0; start < wanted.length; start += readsAtOnce) {
      const batch = await Promise.all(wanted.slice(start, start + readsAtOnce).map(look));
      rows.push(...batch.filter((row) => row !== null));
    }
    return rows;
  }

  async function refresh(): Promise<readonly BackupRow[]> {
    const wanted = await ids();
    const there = new Set(wanted);
    for (const id of known.keys()) if (!there.has(id)) known.delete(id);
    picture = await rowsOf(wanted);
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
    listOf: async (module) => rowsOf(await ids(module)),
  };
}

async function markOf(folder: string): Promise<string> {
  const [own, evidence] = await Promise.all(
    [folder, path.join(folder, "evidence.ndjson")].map((one) => stat(one).catch(() => null)),
  );
  return `${own?.ino ?? 0} ${own?.mtimeMs ?? 0} ${evidence?.mtimeMs ?? 0} ${evidence?.size ?? 0}`;
}
