import type { Module } from "../contract/module.ts";
import type { RunReporter } from "../contract/run-event.ts";
import { withCleanup } from "../failure/failure.ts";
import { holdModule } from "../hold/hold-module.ts";
import { healRestore } from "../restore/heal-restore.ts";
import type { JournalEntry } from "../restore/restore-journal.ts";
import { swapIn } from "../restore/swaps.ts";
import type { Davit } from "./davit.ts";
import { waitForHealth } from "./wait-for-health.ts";

export interface Exchange {
  davit: Davit;
  entry: JournalEntry;
  /** As it is on the host now; null where there is nothing to stop. */
  module: Module | null;
  reporter: RunReporter;
  signal: AbortSignal;
}

/**
 * Stops the module where that is needed, exchanges its data, starts what ran, and waits for its health. Gives what is wrong
 * with containers that did not become healthy. When it throws, the data is as it was. Where even that can't be had, the
 * containers stay stopped, so that none starts on half of its data, and the ledger keeps them.
 */
export async function exchange({ davit, entry, module, reporter, signal }: Exchange): Promise<string[]> {
  const stopped = entry.stops ? module : null;
  if (stopped !== null) reporter.stage("stop");
  const hold =
    stopped === null
      ? null
      : await holdModule({
          docker: davit.docker,
          module: stopped,
          ledger: davit.ledger,
          mode: "stop",
          reporter,
          signal,
        });
  await withCleanup(
    async () => {
      signal.throwIfAborted();
      reporter.stage("exchange");
      await davit.restores.write({ ...entry, phase: "swap" });
      swapIn(entry.swaps);
      await davit.restores.write({ ...entry, phase: "done" });
    },
    async () => {
      await healRestore(davit.restores, entry.module);
      if (hold !== null) reporter.stage("start");
      await hold?.release();
    },
  );
  if (stopped === null) return [];
  reporter.stage("health");
  const running = stopped.containers.filter((one) => one.running && !one.paused);
  const unwell = await waitForHealth(davit.docker, running, signal);
  for (const problem of unwell) {
    reporter.warning(
      `after the exchange of its data, ${problem}`,
      `look at its log; \`davit restore --undo ${entry.module}\` goes back`,
    );
  }
  return unwell;
}
