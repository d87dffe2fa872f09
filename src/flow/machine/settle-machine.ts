import type { RunReporter } from "../../contract/run-event.ts";
import { letGo } from "../../machine/let-go.ts";
import type { Host } from "./host.ts";

/**
 * Puts a machine right that an earlier run, which was killed, left in the middle: it is let go, a backup that goes on is ended, and
 * what was written of it is removed. Only for who has the machine's lock.
 */
export async function settleMachine(
  host: Host,
  machine: string,
  reporter: Pick<RunReporter, "warning">,
): Promise<void> {
  const undone = await letGo(host.stillness, machine);
  if (undone !== null)
    reporter.warning(
      `${machine} was left ${undone === "pause" ? "paused" : "frozen"} by a run that was cut off, and was let go`,
      "look whether the agent was killed or the host lost power at that time",
    );
}
