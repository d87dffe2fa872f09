import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { syncFolder } from "../durable/sync-folder.ts";
import { writeDurably } from "../durable/write-durably.ts";
import { errorCode, Failure } from "../failure/failure.ts";

const madeThing = z.strictObject({
  kind: z.enum(["network", "volume", "container"]),
  name: z.string(),
  /** Null until the engine said that it is made. */
  id: z.string().nullable(),
  /** When the engine was asked to make it. */
  at: z.iso.datetime(),
});
export type MadeThing = z.infer<typeof madeThing>;

const recreateEntry = z.strictObject({
  format: z.literal(1),
  module: z.string(),
  backup: z.string(),
  /** What was made on the engine, in this order; the last one perhaps not yet. */
  made: z.array(madeThing),
  /** Host paths, none of which was there, at which data comes in. */
  paths: z.array(z.string()),
});
export type RecreateEntry = z.infer<typeof recreateEntry>;

/** What a module's recovery has made so far, on disk, so that it is taken back even when its process dies. */
export interface RecreateJournal {
  /** Returns once the entry is on the disk. */
  write(entry: RecreateEntry): Promise<void>;
  /** An entry that can't be read is a Failure of kind `storage`. */
  read(module: string): Promise<RecreateEntry | null>;
  clear(module: string): Promise<void>;
  /** The modules that have an entry. */
  list(): Promise<string[]>;
}

const suffix = ".json";

/** The journal in the state folder. */
export function openRecreateJournal(stateDir: string): RecreateJournal {
  const folder = join(stateDir, "recreations");
  const fileOf = (module: string): string => join(folder, `${module}${suffix}`);
  return {
    async write(entry) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeDurably(fileOf(entry.module), `${JSON.stringify(entry)}\n`);
    },
    async read(module) {
      const file = fileOf(module);
      try {
        return recreateEntry.parse(JSON.parse(await readFile(file, "utf8")));
      } catch (error) {
        if (errorCode(error) === "ENOENT") return null;
        throw new Failure("storage", `the journal ${file} can't be read`, {
          hint: "see which containers, networks and volumes of the module are half made, remove them, and delete the file",
          cause: error,
        });
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
      return names.filter((one) => one.endsWith(suffix)).map((one) => one.slice(0, -suffix.length));
    },
  };
}
