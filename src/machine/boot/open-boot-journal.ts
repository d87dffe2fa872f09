import { join } from "node:path";
import { z } from "zod";
import { type ModuleJournal, openModuleJournal } from "../../durable/open-module-journal.ts";

const bootEntry = z.strictObject({
  format: z.literal(1),
  /** The machine's name. */
  module: z.string(),
  /** The run that holds the drill. */
  run: z.string(),
  /** The folder in which the machine writes, absolute; QEMU carries it in its arguments. */
  folder: z.string(),
});
type BootEntry = z.infer<typeof bootEntry>;

/** The boot drills that go on, so that what one leaves is removed even when its process dies. */
export type BootJournal = ModuleJournal<BootEntry>;

/** The journal in the state folder. */
export function openBootJournal(stateDir: string): BootJournal {
  return openModuleJournal({
    folder: join(stateDir, "boot-drills"),
    schema: bootEntry,
    what: "the journal",
    hint: "end what `pgrep -af davit-drill` shows, then delete the file",
  });
}
