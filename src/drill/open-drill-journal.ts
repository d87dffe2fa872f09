import { join } from "node:path";
import { z } from "zod";
import { type ModuleJournal, openModuleJournal } from "../durable/open-module-journal.ts";

const drillEntry = z.strictObject({
  format: z.literal(1),
  module: z.string(),
  /** The run that holds the drill; all that it makes in the engine carries this as a label. */
  run: z.string(),
  /** The folder that it restores into, absolute. */
  folder: z.string(),
});
type DrillEntry = z.infer<typeof drillEntry>;

/** The drills that go on, so that what one leaves is removed even when its process dies. */
export type DrillJournal = ModuleJournal<DrillEntry>;

/** The journal in the state folder. */
export function openDrillJournal(stateDir: string): DrillJournal {
  return openModuleJournal({
    folder: join(stateDir, "drills"),
    schema: drillEntry,
    what: "the journal",
    hint: "remove what `docker ps --all --filter label=davit.drill.run` shows, then delete the file",
  });
}
