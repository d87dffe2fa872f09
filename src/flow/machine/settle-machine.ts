import type { RunReporter } from "../../contract/run-event.ts";
import { asFailure } from "../../failure/failure.ts";
import { removeBoot } from "../../machine/boot/remove-boot.ts";
import { letGo } from "../../machine/let-go.ts";
import { removeUnfinished } from "../../machine/open-unfinished-files.ts";
import { undoPoint } from "../../machine/undo-point.ts";
import { healDiskRestore } from "./exchange-disks.ts";
import type { Host } from "./host.ts";
import { healLeftRollUp } from "./roll-up-chain.ts";

/**
 * Puts a machine right that an earlier run, which was killed, left in the middle: it is let go, a backup that goes on is ended, and
 * what was written of it is removed. Only for who has the machine's lock.
 */
export async function settleMachine(
  host: Host,
  machine: string,
  reporter: Pick<RunReporter, "warning">,
): Promise<void> {
  const tell = (error: unknown): void => {
    const { message, hint } = asFailure(error);
    reporter.warning(message, hint);
  };
  const undone = await letGo(host.stillness, machine).catch(tell);
  if (undone != null)
    reporter.warning(
      `${machine} was left ${undone === "pause" ? "paused" : "frozen"} by a run that was cut off, and was let go`,
      "look whether the agent was killed or the host lost power at that time",
    );
  const restored = await healDiskRestore(host, machine, reporter).catch(tell);
  if (restored != null)
    reporter.warning(
      `a restore of ${restored} was cut off and was rolled back: the disks are as they were before`,
      "start it again: `davit agent restore`",
    );
  const unfinished = await removeUnfinished(host.unfinished, machine).catch(tell);
  if (unfinished != null)
    reporter.warning(
      `a restore of ${machine} to ${unfinished.join(", ")} was cut off; what it had half written was removed`,
      "start it again: `davit agent restore`",
    );
  const drill = await removeBoot(host.drills, machine).catch(tell);
  if (drill != null)
    reporter.warning(
      `the boot drill ${drill} was cut off; what it had made was removed`,
      "hold it again: `davit agent drill`",
    );
  const rolledUp = await healLeftRollUp(host, machine).catch(tell);
  if (rolledUp != null)
    reporter.warning(
      `a roll-up of ${machine} was cut off and was ${rolledUp}`,
      "no point is lost; `davit agent prune` rolls up what is too long",
    );
  const settings = host.config.machines.find((one) => one.name === machine)?.settings;
  for (const partial of await host.vault.partials(machine)) {
    if (settings !== undefined) await undoPoint(settings.uri, settings.domain, partial).catch(tell);
  }
}
