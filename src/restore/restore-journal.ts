import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { syncFolder } from "../durable/sync-folder.ts";
import { writeDurably } from "../durable/write-durably.ts";
import { errorCode, Failure } from "../failure/failure.ts";

/** Paths in it are byte paths: one character a byte. */
const journalEntry = z.strictObject({
  format: z.literal(1),
  module: z.string(),
  /** The backup whose data comes in; for an undo, the one whose data goes. */
  backup: z.string(),
  at: z.iso.datetime(),
  /** `extract`: nothing was exchanged yet. `swap`: names are being changed. `done`: all are changed, and stay so. */
  phase: z.enum(["extract", "swap", "done"]),
  /** Whether the module's containers were stopped for it. */
  stops: z.boolean(),
  swaps: z.array(
    z.strictObject({
      root: z.string(),
      parent: z.string(),
      name: z.string(),
      staging: z.string(),
      incoming: z.string().nullable(),
      aside: z.string(),
      replaces: z.boolean(),
    }),
  ),
});
export type JournalEntry = z.infer<typeof journalEntry>;

/** What restores in place are about to do and did last, on disk, so that one cut off is rolled back and the last one can be undone. */
export interface RestoreJournal {
  /** Returns once the entry, which is not finished, is on the disk. */
  write(entry: JournalEntry): Promise<void>;
  /** The entry becomes the module's last one, and nothing is unfinished any more. */
  finish(entry: JournalEntry): Promise<void>;
  /** The restore that goes on or was cut off; null where there is none. */
  unfinished(module: string): Promise<JournalEntry | null>;
  /** The last restore that was done, and can be undone. */
  last(module: string): Promise<JournalEntry | null>;
  /** Forgets the unfinished one. */
  discard(module: string): Promise<void>;
  /** The modules that have an unfinished one. */
  list(): Promise<string[]>;
}

const openSuffix = ".open.json";

/** The journal in the state folder. */
export function openRestoreJournal(stateDir: string): RestoreJournal {
  const folder = join(stateDir, "restores");
  const openFile = (module: string): string => join(folder, `${module}${openSuffix}`);
  const lastFile = (module: string): string => join(folder, `${module}.last.json`);

  async function discard(module: string): Promise<void> {
    await rm(openFile(module), { force: true });
    await syncFolder(folder).catch((error: unknown) => {
      if (errorCode(error) !== "ENOENT") throw error;
    });
  }

  async function write(file: string, entry: JournalEntry): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeDurably(file, `${JSON.stringify(journalEntry.parse(entry))}\n`);
  }

  return {
    write: (entry) => write(openFile(entry.module), entry),
    async finish(entry) {
      await write(lastFile(entry.module), entry);
      await discard(entry.module);
    },
    unfinished: (module) => read(openFile(module)),
    last: (module) => read(lastFile(module)),
    discard,
    async list() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (errorCode(error) === "ENOENT") return [];
        throw error;
      });
      return names.filter((name) => name.endsWith(openSuffix)).map((name) => name.slice(0, -openSuffix.length));
    },
  };
}

async function read(file: string): Promise<JournalEntry | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
  try {
    return journalEntry.parse(JSON.parse(text));
  } catch (error) {
    throw new Failure("storage", `the restore journal ${file} can't be read`, {
      hint: "look for .before-restore-… beside the module's sources, put back what is missing, and delete the file",
      cause: error,
    });
  }
}
