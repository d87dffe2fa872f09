import { join } from "node:path";
import { z } from "zod";
import { openUndoJournal, type UndoJournal } from "../durable/open-undo-journal.ts";

/** One exchange of a machine's file. All are absolute paths, in the same folder. */
const diskSwap = z.strictObject({
  /** Where the machine has it. */
  file: z.string(),
  /** What comes in. */
  incoming: z.string(),
  /** Whether that was made for this restore, and goes where it is not used. */
  isNew: z.boolean(),
  /** What the old file is called afterwards; null where there is none. */
  aside: z.string().nullable(),
});
export type DiskSwap = z.infer<typeof diskSwap>;

const diskRestoreEntry = z.strictObject({
  format: z.literal(1),
  /** The machine's name. */
  module: z.string(),
  /** The point whose disks come in; for an undo, the one whose disks go. */
  backup: z.string(),
  at: z.iso.datetime(),
  /** Where libvirt is asked, and the domain's UUID. */
  uri: z.string(),
  uuid: z.uuid(),
  /** `make`: nothing was exchanged yet. `swap`: names are being changed. `done`: all are changed, and stay so. */
  phase: z.enum(["make", "swap", "done"]),
  /** Whether it ran and was shut down for this, so that it is to be started once this is over, in whatever way. */
  start: z.boolean(),
  /** Whether it was not known to libvirt, and was defined by this. */
  defined: z.boolean(),
  swaps: z.array(diskSwap),
});
export type DiskRestoreEntry = z.infer<typeof diskRestoreEntry>;

/** What restores of machines in place are about to do and did last, so that one cut off is rolled back and the last one can be undone. */
export type DiskRestoreJournal = UndoJournal<DiskRestoreEntry>;

/** The journal in the state folder. */
export function openDiskRestoreJournal(stateDir: string): DiskRestoreJournal {
  return openUndoJournal({
    folder: join(stateDir, "disk-restores"),
    schema: diskRestoreEntry,
    what: "the restore journal",
    hint: "look for .before-restore-… beside the machine's disks, put back what is missing, and delete the file",
  });
}
