import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { errorCode, Failure } from "../failure/failure.ts";

const ledgerEntry = z.strictObject({
  module: z.string(),
  mode: z.enum(["pause", "stop"]),
  since: z.iso.datetime(),
  /** In the order in which they are to be let go. */
  containers: z.array(z.strictObject({ id: z.string(), name: z.string() })),
});
export type LedgerEntry = z.infer<typeof ledgerEntry>;

/** What is held, on disk, one file a module, so that it is let go even when the process that holds it dies. */
export interface Ledger {
  /** Returns once the entry is on the disk. */
  write(entry: Omit<LedgerEntry, "since">): Promise<void>;
  /** An entry that can't be read is a Failure of kind `storage`. */
  read(module: string): Promise<LedgerEntry | null>;
  /** The modules that have an entry, in order. */
  list(): Promise<string[]>;
  clear(module: string): Promise<void>;
}

/** The ledger in the state folder. */
export function openLedger(stateDir: string): Ledger {
  const folder = join(stateDir, "ledger");
  const fileOf = (module: string) => join(folder, `${module}.json`);

  async function read(module: string): Promise<LedgerEntry | null> {
    let text: string;
    try {
      text = await readFile(fileOf(module), "utf8");
    } catch (error) {
      if (errorCode(error) === "ENOENT") return null;
      throw error;
    }
    try {
      return ledgerEntry.parse(JSON.parse(text));
    } catch (error) {
      throw new Failure("storage", `the ledger ${fileOf(module)} can't be read`, {
        hint: "see which containers are paused (`docker ps --filter status=paused`), let them go, and delete the file",
        cause: error,
      });
    }
  }

  return {
    read,
    async write(entry) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const whole: LedgerEntry = { ...entry, since: new Date().toISOString() };
      const partial = `${fileOf(entry.module)}.partial`;
      const file = await open(partial, "w", 0o600);
      try {
        await file.writeFile(`${JSON.stringify(whole)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, fileOf(entry.module));
      await syncFolder(folder);
    },
    async list() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (errorCode(error) === "ENOENT") return [];
        throw error;
      });
      return names
        .filter((one) => one.endsWith(".json"))
        .map((one) => one.slice(0, -".json".length))
        .toSorted();
    },
    async clear(module) {
      await rm(fileOf(module), { force: true });
      await syncFolder(folder).catch((error: unknown) => {
        if (errorCode(error) !== "ENOENT") throw error;
      });
    },
  };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
