import { join } from "node:path";
import { z } from "zod";
import { type ModuleJournal, openModuleJournal } from "../durable/open-module-journal.ts";

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

/** What is held, so that it is let go even when the process that holds it dies. */
export interface Ledger extends Omit<ModuleJournal<LedgerEntry>, "write"> {
  /** Returns once the entry is on the disk. */
  write(entry: HeldEntry): Promise<void>;
}

/** The ledger in the state folder. */
export function openLedger(stateDir: string): Ledger {
  const journal = openModuleJournal({
    folder: join(stateDir, "ledger"),
    schema: ledgerEntry,
    what: "the ledger",
    hint: "see which containers are paused (`docker ps --filter status=paused`), let them go, and delete the file",
  });
  return {
    ...journal,
    write: async (entry) => journal.write({ ...entry, since: new Date().toISOString() }),
  };
}
