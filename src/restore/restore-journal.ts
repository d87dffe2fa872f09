import { join } from "node:path";
import { z } from "zod";
import { openModuleJournal } from "../durable/open-module-journal.ts";

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

/** The journal in the state folder. */
export function openRestoreJournal(stateDir: string): RestoreJournal {
  const files = {
    folder: join(stateDir, "restores"),
    schema: journalEntry,
    what: "the restore journal",
    hint: "look for .before-restore-… beside the module's sources, put back what is missing, and delete the file",
  };
  const open = openModuleJournal({ ...files, suffix: ".open.json" });
  const last = openModuleJournal({ ...files, suffix: ".last.json" });
  return {
    write: open.write,
    async finish(entry) {
      await last.write(entry);
      await open.clear(entry.module);
    },
    unfinished: open.read,
    last: last.read,
    discard: open.clear,
    list: open.list,
  };
}
