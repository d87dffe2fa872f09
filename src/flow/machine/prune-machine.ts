import type { Machine, PointSummary } from "../../contract/machine.ts";
import type { RunReporter } from "../../contract/run-event.ts";
import { asFailure } from "../../failure/failure.ts";
import { decideChains, type PointDecision } from "../../vault/decide-chains.ts";
import type { FlowRequest } from "../flow-request.ts";
import { findMachine } from "./find-machine.ts";
import type { Host } from "./host.ts";
import { recordMachineRun } from "./record-machine-run.ts";
import { planRollUps, rollUpChain, type RolledUp } from "./roll-up-chain.ts";

export interface MachinePruning {
  /** Every point, newest first. */
  decisions: PointDecision[];
  rolledUp: RolledUp[];
}

/** What rotation would do with a machine's points now, each with its reason, and what would be rolled up; nothing is changed. */
export async function previewMachinePrune(host: Host, name: string): Promise<MachinePruning> {
  const machine = findMachine(host, name);
  const points = await host.vault.list(name);
  const decisions = decide(host, machine, points);
  const plans = planRollUps(kept(points, decisions), machine.settings.rollUp);
  return {
    decisions,
    rolledUp: plans.map(({ cut, replaced }) => ({ point: cut.id, replaced: replaced.map(({ id }) => id) })),
  };
}

/** Removes the chains of a machine that its rules do not keep, and rolls up what has become too long; gives every decision. */
export async function pruneMachine(host: Host, name: string, request: FlowRequest): Promise<MachinePruning> {
  const machine = findMachine(host, name);
  return recordMachineRun(host, request, {
    kind: "prune",
    module: name,
    work: async (reporter, signal) => rotateMachine(host, machine, reporter, signal),
  });
}

/**
 * The same inside another run, which has the machine's lock. What can't be removed or rolled up is told, and no failure; a cancelled run
 * ends it.
 */
export async function rotateMachine(
  host: Host,
  machine: Machine,
  reporter: RunReporter,
  signal: AbortSignal,
): Promise<MachinePruning> {
  const { name, settings } = machine;
  reporter.stage("rotate");
  const points = await host.vault.list(name);
  const decisions = decide(host, machine, points);
  const tell = (what: string, error: unknown): void => {
    signal.throwIfAborted();
    const { message, hint } = asFailure(error);
    reporter.warning(`${what}: ${message}`, hint);
  };
  // Newest first, so that none goes before what builds on it.
  for (const { id, keep } of decisions) {
    if (keep) continue;
    signal.throwIfAborted();
    await host.vault.remove(id).catch((error: unknown) => tell(`${id} could not be removed`, error));
  }
  const rolledUp: RolledUp[] = [];
  for (const plan of planRollUps(kept(points, decisions), settings.rollUp)) {
    signal.throwIfAborted();
    try {
      rolledUp.push(await rollUpChain({ host, machine: name, reporter, signal }, plan));
    } catch (error) {
      tell(`${plan.cut.id} could not be made a full of its own`, error);
    }
  }
  return { decisions, rolledUp };
}

function decide(host: Host, { settings }: Machine, points: readonly PointSummary[]): PointDecision[] {
  return decideChains(points, settings.keep, host.now(), settings.timezone);
}

function kept(points: readonly PointSummary[], decisions: readonly PointDecision[]): PointSummary[] {
  const keep = new Set(decisions.flatMap((one) => (one.keep ? [one.id] : [])));
  return points.filter(({ id }) => keep.has(id));
}
