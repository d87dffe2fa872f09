import { dirname } from "node:path";
import type { RunReporter } from "../contract/run-event.ts";
import { hostSight } from "../docker/host-sight.ts";
import { ownContainer } from "../docker/own-container.ts";
import { removeDrill } from "../drill/remove-drill.ts";
import { asFailure } from "../failure/failure.ts";
import type { HoldReporter } from "../hold/release-containers.ts";
import { releaseLeftHold } from "../hold/release-left-hold.ts";
import { takeBack } from "../recreate/take-back.ts";
import { healRestore } from "../restore/heal-restore.ts";
import type { Davit } from "./davit.ts";

/**
 * Puts a module right that an earlier run, which was killed, left in the middle: its data first, then its containers, then what is
 * left of a drill. Only for who has the module's lock. What can't be let go or removed now is told, stays written down, and is
 * tried again by the next run.
 */
export async function settleModule(davit: Davit, module: string, reporter: HoldReporter): Promise<void> {
  const touched = await touchedFolders(davit, module);
  if (touched.length > 0 && !touched.every(hostSight(await ownContainer(davit.docker)))) {
    reporter.warning(
      `a restore of ${module} was cut off, and its data can't be seen from here`,
      `\`davit settle ${module}\` puts it right, and so does the next start of \`davit serve\``,
    );
    return;
  }
  const healed = await healRestore(davit.restores, module);
  if (healed !== null) {
    reporter.warning(
      `a restore of ${healed} was cut off and was rolled back: the data is as it was before`,
      `start it again: \`davit restore ${healed} --in-place\``,
    );
  }
  await takeBackLeft(davit, module, reporter);
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

/** The folders of the host in which a restore or a recovery that was cut off has to be put right. */
export async function touchedFolders(
  { restores, recreations }: Pick<Davit, "restores" | "recreations">,
  module: string,
): Promise<string[]> {
  const restore = await restores.unfinished(module);
  const recreation = await recreations.read(module);
  return [
    ...(restore?.swaps ?? []).map((swap) => swap.root),
    ...(recreation?.paths ?? []).map((path) => dirname(path)),
  ];
}

async function takeBackLeft(davit: Davit, module: string, reporter: Pick<RunReporter, "warning">): Promise<void> {
  const taken = await takeBack(davit.docker, davit.recreations, module, davit.now());
  if (taken === null) return;
  const kept = taken.keptAside.map((path) => `; the data that came in is kept in ${path}`).join("");
  reporter.warning(
    `a recovery from ${taken.entry.backup} was cut off, and what it had made was removed${kept}`,
    `start it again: \`davit recreate ${taken.entry.backup}\``,
  );
}
