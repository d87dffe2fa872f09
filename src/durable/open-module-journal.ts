import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { errorCode, Failure } from "../failure/failure.ts";
import { syncFolder } from "./sync-folder.ts";
import { writeDurably } from "./write-durably.ts";

/** What goes on with a module, on disk, one file a module, so that it is put right even when the process that does it dies. */
export interface ModuleJournal<T extends { module: string }> {
  /** Returns once the entry is on the disk. */
  write(entry: T): Promise<void>;
  /** Null where there is none. An entry that can't be read is a Failure of kind `storage`. */
  read(module: string): Promise<T | null>;
  clear(module: string): Promise<void>;
  /** The modules that have an entry, in order. */
  list(): Promise<string[]>;
}

export interface JournalOptions<T> {
  folder: string;
  schema: z.ZodType<T>;
  /** What a file is called in an error: `the ledger`. */
  what: string;
  /** What to do about a file that can't be read. */
  hint: string;
  /** How the names of the files end. */
  suffix?: string;
}

/** A journal in a folder, which is made once there is an entry. */
export function openModuleJournal<T extends { module: string }>(options: JournalOptions<T>): ModuleJournal<T> {
  const { folder, schema, what, hint, suffix = ".json" } = options;
  const fileOf = (module: string): string => join(folder, `${module}${suffix}`);
  return {
    async write(entry) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeDurably(fileOf(entry.module), `${JSON.stringify(schema.parse(entry))}\n`);
    },
    async read(module) {
      const file = fileOf(module);
      const text = await readFile(file, "utf8").catch((error: unknown) => {
        if (errorCode(error) === "ENOENT") return null;
        throw error;
      });
      if (text === null) return null;
      try {
        return schema.parse(JSON.parse(text));
      } catch (error) {
        throw new Failure("storage", `${what} ${file} can't be read`, { hint, cause: error });
      }
    },
    async clear(module) {
      await rm(fileOf(module), { force: true });
      await syncFolder(folder).catch((error: unknown) => {
        if (errorCode(error) !== "ENOENT") throw error;
      });
    },
    async list() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (errorCode(error) === "ENOENT") return [];
        throw error;
      });
      return names
        .filter((one) => one.endsWith(suffix))
        .map((one) => one.slice(0, -suffix.length))
        .toSorted();
    },
  };
}
