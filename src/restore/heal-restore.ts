import type { RestoreJournal } from "./restore-journal.ts";
import { removeStaging, swapBack } from "./swaps.ts";

/**
 * Ends the module's unfinished restore in place: one whose names were all changed is finished, any other is rolled back, so that
 * the data from before stands in its place again. What was made ready is removed. Gives the id of the backup whose restore was
 * rolled back, or null. Only for who has the module's lock.
 */
export async function healRestore(journal: RestoreJournal, module: string): Promise<string | null> {
  const left = await journal.unfinished(module);
  if (left === null) return null;
  if (left.phase === "swap") {
    swapBack(left.swaps);
    // From here on only what was made ready goes, and whoever heals again after a cut-off must not exchange anything.
    await journal.write({ ...left, phase: "extract" });
  }
  removeStaging(left.swaps);
  if (left.phase !== "done") {
    await journal.discard(module);
    return left.backup;
  }
  await journal.finish(left);
  return null;
}
