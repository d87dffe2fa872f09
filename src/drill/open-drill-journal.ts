import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { syncFolder } from "../durable/sync-folder.ts";
import { writeDurably } from "../durable/write-durably.ts";
import { errorCode, Failure } from "../failure/failure.ts";

const drillEntry = z.strictObject({
  format: z.literal(1),
  module: z.string(),
  /** The run that holds the drill; all that it makes in the engine carries this as a label. */
  run: z.string(),
  /** The folder that it restores into, absolute. */
  folder: z.string(),
});
type DrillEntry = z.infer<typeof drillEntry>;

/** The drills that go on, on disk, one file a module, so that what one leaves is removed even when its process dies. */
export interface DrillJournal {
  /** Returns once the entry is on the disk. */
  write(entry: Omit<DrillEntry, "format">): Promise<void>;
  /** An entry that can't be read is a Failure of kind `storage`. */
  read(module: string): Promise<DrillEntry | null>;
  clear(module: string): Promise<void>;
  /** The modules that have an entry. */
  list(): Promise<string[]>;
}

const suffix = ".json";

/** The journal in the state folder. */
export function openDrillJournal(stateDir: string): DrillJournal {
  const folder = join(stateDir, "drills");
  const fileOf = (module: string): string => join(folder, `${module}${suffix}`);
  return {
    async write(entry) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const whole: DrillEntry = { format: 1, ...entry };
      await writeDurably(fileOf(entry.module), `${JSON.stringify(whole)}\n`);
    },
    async read(module) {
      const file = fileOf(module);
      try {
        return drillEntry.parse(JSON.parse(await readFile(file, "utf8")));
      } catch (error) {
        if (errorCode(error) === "ENOENT") return null;
        throw new Failure("storage", `the journal ${file} can't be read`, {
          hint: "remove what `docker ps --all --filter label=davit.drill.run` shows, then delete the file",
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
