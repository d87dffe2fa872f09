import { removeDrill } from "../drill/remove-drill.ts";
import { asFailure } from "../failure/failure.ts";
import type { HoldReporter } from "../hold/release-containers.ts";
import { releaseLeftHold } from "../hold/release-left-hold.ts";
import { healRestore } from "../restore/heal-restore.ts";
import type { Davit } from "./davit.ts";

/**
 * Puts a module right that an earlier run, which was killed, left in the middle: its data first, then its containers, then what is
 * left of a drill. Only for who has the module's lock. What can't be let go or removed now is told, stays written down, and is
 * tried again by the next run.
 */
export async function settleModule(davit: Davit, module: string, reporter: HoldReporter): Promise<void> {
  const healed = await healRestore(davit.restores, module);
  if (healed !== null) {
    reporter.warning(
      `a restore of ${healed} was cut off and was rolled back: the data is as it was before`,
      `start it again: \`davit restore ${healed} --in-place\``,
    );
  }
  const tell = (error: unknown): void => {
    const { message, hint } = asFailure(error);
    reporter.warning(message, hint);
  };
  await releaseLeftHold(davit.docker, davit.ledger, module, reporter).catch(tell);
  await removeLeftDrill(davit, module, reporter).catch(tell);
}

async function removeLeftDrill(davit: Davit, module: string, reporter: Pick<HoldReporter, "warning">): Promise<void> {
  const run = await removeDrill(davit.docker, davit.drills, module);
  if (run !== null)
    reporter.warning(`the drill ${run} was cut off; what it had made was removed`, "hold it again: `davit drill`");
}
