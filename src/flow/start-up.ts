import { asFailure } from "../failure/failure.ts";
import type { HoldReporter } from "../hold/release-containers.ts";
import type { Davit } from "./davit.ts";
import { removeEndedTwins } from "./remove-ended-twins.ts";
import { settleLeft } from "./through-twin.ts";

/**
 * What a program does before anything else: each module that a killed run left in the middle is put right, half written
 * backups are swept, runs without an end get one. One thing that can't be healed is told and is no hindrance to the others.
 */
export async function recoverAtStart(davit: Davit, reporter: HoldReporter): Promise<void> {
  const tell = (error: unknown): void => {
    const { message, hint } = asFailure(error);
    reporter.warning(message, hint);
  };
  for (const module of await leftModules(davit)) {
    await settleLeft(davit, module, reporter).catch(tell);
  }
  await removeEndedTwins(davit.docker).catch(tell);
  await davit.vault.sweepPartials((module) => davit.runs.isLocked(module)).catch(tell);
  await davit.runs.markInterrupted().catch(tell);
}

/** The modules that a killed run may have left held, or in the middle of a restore, a recovery or a drill. */
export async function leftModules({
  restores,
  recreations,
  ledger,
  drills,
}: Pick<Davit, "restores" | "recreations" | "ledger" | "drills">): Promise<string[]> {
  const lists = await Promise.all([restores, recreations, ledger, drills].map(async (one) => one.list()));
  return [...new Set(lists.flat())];
}
