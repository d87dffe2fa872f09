import { join } from "node:path";
import { z } from "zod";
import { openUndoJournal, type UndoJournal } from "../durable/open-undo-journal.ts";

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
export type RestoreJournal = UndoJournal<JournalEntry>;

/** The journal in the state folder. */
export function openRestoreJournal(stateDir: string): RestoreJournal {
  return openUndoJournal({
    folder: join(stateDir, "restores"),
    schema: journalEntry,
    what: "the restore journal",
    hint: "look for .before-restore-… beside the module's sources, put back what is missing, and delete the file",
  });
}
