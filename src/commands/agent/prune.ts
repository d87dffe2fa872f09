import { asFailure, exitCodes, Failure } from "../../failure/failure.ts";
import type { Host } from "../../flow/machine/host.ts";
import { type MachinePruning, previewMachinePrune, pruneMachine } from "../../flow/machine/prune-machine.ts";
import { checkModuleNames } from "../check-module-names.ts";
import { describeFailureOf } from "../describe-failure.ts";
import { formatTable } from "../format-table.ts";
import type { AgentCommand } from "./agent-command.ts";

export const prune: AgentCommand = {
  name: "prune",
  summary: "remove the chains that keep does not keep",
  usage: `davit agent prune MACHINE… [--dry-run]
davit agent prune --all [--dry-run]

Applies each machine's rules (keep) and prints every decision with its reason. A chain is kept or goes as a whole; the newest, the
newest verified and the newest drilled one always stay. Where rollUp is set, the oldest increments of a chain that has more than
that are made into one full. Each backup does the same once it is sealed.

  --all      every machine of agent.yaml
  --dry-run  only print what would be done`,
  options: { all: { type: "boolean" }, "dry-run": { type: "boolean" } },
  async run({ values, names, output, open, request, signal }) {
    if ((names.length === 0) === (values["all"] !== true))
      throw new Failure("usage", "name the machines to prune, or give --all", {
        hint: "`davit agent machines` lists them",
      });
    checkModuleNames(names, "machine");
    const host = await open();
    const dryRun = values["dry-run"] === true;
    const machines = values["all"] === true ? host.config.machines.map((one) => one.name) : [...new Set(names)];
    const results: unknown[] = [];
    let code = 0;
    for (const machine of machines) {
      signal.throwIfAborted();
      try {
        const pruning = dryRun
          ? await previewMachinePrune(host, machine)
          : await pruneMachine(host, machine, request());
        const left = dryRun ? [] : await stillThere(host, machine, pruning);
        results.push({ machine, ok: left.length === 0, dryRun, ...pruning, notRemoved: left });
        output.line(describe(machine, pruning, dryRun, left));
        if (left.length > 0) code = exitCodes.storage;
      } catch (error) {
        const failure = asFailure(error);
        const { kind, message, hint } = failure;
        results.push({ machine, ok: false, dryRun, failure: { kind, message, hint } });
        output.problem(describeFailureOf(machine, failure));
        code = exitCodes[kind];
      }
    }
    if (machines.length === 0) output.line("agent.yaml names no machine, so there is nothing to prune");
    output.data(results);
    return code;
  },
};

/** Rotation goes on where one point can't be removed; the run's log has the reason. */
async function stillThere(host: Host, machine: string, { decisions }: MachinePruning): Promise<string[]> {
  const there = new Set((await host.vault.list(machine)).map((one) => one.id));
  return decisions.filter(({ id, keep }) => !keep && there.has(id)).map((one) => one.id);
}

function describe(
  machine: string,
  { decisions, rolledUp }: MachinePruning,
  dryRun: boolean,
  left: readonly string[],
): string {
  if (decisions.length === 0) return `${machine} has no points`;
  const rows = decisions.map(({ id, keep, reason }) => [
    keep ? "keep" : left.includes(id) ? "NOT REMOVED" : dryRun ? "would remove" : "removed",
    id,
    reason,
  ]);
  for (const { point, replaced } of rolledUp)
    rows.push([
      dryRun ? "would roll up" : "rolled up",
      point,
      `is a full of its own, in place of ${replaced.length} points`,
    ]);
  const gone = decisions.filter(({ id, keep }) => !keep && !left.includes(id)).length;
  const summary = `${machine}: ${dryRun ? "would remove" : "removed"} ${gone} of ${decisions.length}`;
  return [...formatTable(rows), summary].join("\n");
}
