import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { syncFolder } from "../durable/sync-folder.ts";
import { writeDurably } from "../durable/write-durably.ts";
import { errorCode, Failure } from "../failure/failure.ts";

const heldContainer = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** The hook that lets it go, in mode `hooks`; null where it has none. */
  release: z
    .strictObject({ command: z.array(z.string()).min(1), user: z.string().nullable(), limitMs: z.int().min(1) })
    .nullish(),
});
export type HeldContainer = z.infer<typeof heldContainer>;

const ledgerEntry = z.strictObject({
  module: z.string(),
  mode: z.enum(["pause", "stop", "hooks"]),
  since: z.iso.datetime(),
  /** In the order in which they are to be let go. */
  containers: z.array(heldContainer),
});
type LedgerEntry = z.infer<typeof ledgerEntry>;

/** An entry as the one who holds keeps it. */
export type HeldEntry = Omit<LedgerEntry, "since">;

/** What is held, on disk, one file a module, so that it is let go even when the process that holds it dies. */
export interface Ledger {
  /** Returns once the entry is on the disk. */
  write(entry: HeldEntry): Promise<void>;
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
      await writeDurably(fileOf(entry.module), `${JSON.stringify(whole)}\n`);
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
