import { join } from "node:path";
import { z } from "zod";
import { backupTime } from "../contract/backup-id.ts";
import { type ModuleJournal, openModuleJournal } from "../durable/open-module-journal.ts";

const rollUpEntry = z.strictObject({
  format: z.literal(1),
  /** The machine's name. */
  module: z.string(),
  chain: backupTime,
  /** The point that becomes a full of its own. */
  cut: backupTime,
  /** Those that it builds on, the oldest first. */
  replaced: z.array(backupTime),
  /**
   * `make`: the full is written beside the point. `exchange`: it takes the point's place. `remove`: it has it, and was read again; what it
   * replaces goes.
   */
  phase: z.enum(["make", "exchange", "remove"]),
});
export type RollUpEntry = z.infer<typeof rollUpEntry>;

/** The roll-ups that go on, so that one that is cut off loses no point. */
export type RollUpJournal = ModuleJournal<RollUpEntry>;

/** The journal in the state folder. */
export function openRollUpJournal(stateDir: string): RollUpJournal {
  return openModuleJournal({
    folder: join(stateDir, "roll-ups"),
    schema: rollUpEntry,
    what: "the journal",
    hint: "look for `.TIME.replaced` in the machine's chains: where TIME itself is missing, take that name; then delete the file",
  });
}

/** The names that a roll-up's folders have on the way, in the chain's folder. */
export function rollUpFolders(chainFolder: string, cut: string): Record<"making" | "made" | "old" | "point", string> {
  return {
    making: join(chainFolder, `.${cut}.rolling`),
    made: join(chainFolder, `.${cut}.rolled`),
    old: join(chainFolder, `.${cut}.replaced`),
    point: join(chainFolder, cut),
  };
}
