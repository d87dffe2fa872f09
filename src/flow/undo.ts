import { discoverModules } from "../discover/discover-modules.ts";
import { Failure, withCleanup } from "../failure/failure.ts";
import { healRestore } from "../restore/heal-restore.ts";
import { asidePath, planUndo } from "../restore/plan-swaps.ts";
import type { JournalEntry } from "../restore/restore-journal.ts";
import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";
import { exchange } from "./exchange.ts";
import { recordRun } from "./record-run.ts";
import { undoInTwin } from "./twin-verbs.ts";

export interface UndoResult {
  /** The backup whose restore was undone. */
  backup: string;
  /** Where the data that was undone is kept. */
  keptAside: string[];
  unwell: string[];
}

/**
 * Takes back the module's last restore in place: the data from before comes back, the restored data is kept aside. An undo can
 * be undone in the same way. Throws `missing` where there is nothing to take back.
 */
export async function undoRestore(davit: Davit, name: string, request: FlowRequest): Promise<UndoResult> {
  const elsewhere = await undoInTwin(davit, name, request);
  if (elsewhere !== null) return elsewhere;
  return recordRun(davit, request, {
    kind: "undo",
    module: name,
    work: async (reporter) => {
      reporter.stage("plan");
      const last = await davit.restores.last(name);
      if (last === null)
        throw new Failure("missing", `no restore in place of ${name} is there to undo`, {
          hint: "`davit runs` shows what was restored",
        });
      const modules = await discoverModules(davit.docker, davit.config);
      const module = modules.find((one) => one.name === name) ?? null;
      const swaps = planUndo(last, davit.now());
      const entry: JournalEntry = { ...last, at: davit.now().toISOString(), phase: "extract", swaps };
      await davit.restores.write(entry);
      return withCleanup(
        async () => {
          const unwell = await exchange({ davit, entry, module, reporter, signal: request.signal });
          const keptAside = swaps.filter((swap) => swap.replaces).map(asidePath);
          return { backup: last.backup, keptAside, unwell };
        },
        async () => {
          await healRestore(davit.restores, name);
        },
      );
    },
  });
}
