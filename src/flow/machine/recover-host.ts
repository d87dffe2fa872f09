import type { RunReporter } from "../../contract/run-event.ts";
import { asFailure } from "../../failure/failure.ts";
import type { Host } from "./host.ts";
import { settleMachine } from "./settle-machine.ts";

/**
 * What the agent does before anything else: each machine that a killed run left in the middle is let go and put right, what was half
 * written is swept, runs without an end get one. One thing that can't be healed is told and is no hindrance to the others.
 */
export async function recoverHost(host: Host, reporter: Pick<RunReporter, "warning">): Promise<void> {
  const { config, runs, vault } = host;
  const tell = (error: unknown): void => {
    const { message, hint } = asFailure(error);
    reporter.warning(message, hint);
  };
  const left: string[] = [];
  // What stands still first; all at once, since one whose libvirt does not answer takes minutes.
  for (const journal of [host.stillness, host.diskRestores, host.drills, host.rollUps, host.unfinished])
    left.push(...((await journal.list().catch(tell)) ?? []));
  const machines = new Set([...left, ...config.machines.map(({ name }) => name)]);
  await Promise.all(
    [...machines].map(async (machine) =>
      runs.whileFree(machine, async () => settleMachine(host, machine, reporter)).catch(tell),
    ),
  );
  // Of a machine that is configured, what was half written stays until its job is known to have ended; settling sees to that.
  const configured = new Set(config.machines.map(({ name }) => name));
  await vault.sweepPartials((machine) => configured.has(machine) || runs.isLocked(machine)).catch(tell);
  await runs.markInterrupted().catch(tell);
}
