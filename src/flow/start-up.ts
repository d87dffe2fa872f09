import { asFailure } from "../failure/failure.ts";
import type { HoldReporter } from "../hold/release-containers.ts";
import type { Davit } from "./davit.ts";
import { settleModule } from "./settle-module.ts";

/**
 * What a program does before anything else: each module that a killed run left in the middle is put right, half written
 * backups are swept, runs without an end get one. One thing that can't be healed is told and is no hindrance to the others.
 */
export async function recoverAtStart(davit: Davit, reporter: HoldReporter): Promise<void> {
  const tell = (error: unknown): void => {
    const { message, hint } = asFailure(error);
    reporter.warning(message, hint);
  };
  const left = new Set([
    ...(await davit.restores.list()),
    ...(await davit.ledger.list()),
    ...(await davit.drills.list()),
  ]);
  for (const module of left) {
    await davit.runs.whileFree(module, () => settleModule(davit, module, reporter)).catch(tell);
  }
  await davit.vault.sweepPartials((module) => davit.runs.isLocked(module)).catch(tell);
  await davit.runs.markInterrupted().catch(tell);
}
