import type { MachineJob, MachineStatus } from "../contract/machine.ts";
import type { RunEvent } from "../contract/run-event.ts";
import { exitCodes, Failure } from "../failure/failure.ts";
import { nearestName } from "../failure/nearest-name.ts";
import type { AgentLink } from "../link/sidecar/connect-agent.ts";
import { agentOf } from "../link/sidecar/not-paired.ts";
import type { Command, CommandContext } from "./command.ts";
import { describeMachine, describePoint, pointColumns } from "./describe-machine.ts";
import { formatTable } from "./format-table.ts";
import type { Output } from "./output.ts";

const verbs = ["backup", "list", "verify", "drill"] as const;

export const machine: Command = {
  name: "machine",
  summary: "back up, list, verify or drill a machine through the agent on the physical host",
  usage: `davit machine backup NAME [--full] [--detach]
davit machine list NAME
davit machine verify NAME [--detach]
davit machine drill NAME [--detach]

Has the agent that DAVIT_AGENT names do it, and shows how far it is until it has ended; the exit code tells how. Ctrl-C stops
the showing: the job goes on at the host. Restores are the host's own: \`davit agent restore\`, there.

  backup     a point now: an increment where one can be made, else a full
  list       the machine and its points
  verify     read the newest chain again and compare every checksum
  drill      boot the newest point in isolation and look whether it comes up
  --full     a full, and with it a new chain
  --detach   print the run's id and come back at once`,
  options: { full: { type: "boolean" }, detach: { type: "boolean" } },
  async run(context) {
    const [verb, name, ...rest] = context.names;
    if (verb === undefined || name === undefined || rest.length > 0)
      throw new Failure("usage", "say what to do, and with which machine", {
        hint: "davit machine backup NAME; `davit machines` lists the names",
      });
    const known = verbs.find((one) => one === verb);
    if (known === undefined) {
      const near = nearestName(verb, verbs);
      const hint = near === null ? `there are ${verbs.join(", ")}` : `did you mean davit machine ${near}?`;
      throw new Failure("usage", `davit machine can't ${verb}`, { hint });
    }
    if (context.values["full"] === true && known !== "backup") throw new Failure("usage", "--full goes with backup");
    const agent = agentOf(context.config());
    try {
      if (known === "list") return await listOne(context, agent, name);
      const job = known === "backup" ? (context.values["full"] === true ? "full" : "incremental") : known;
      return await doJob(context, agent, name, job);
    } finally {
      agent.close();
    }
  },
};

async function listOne({ output, signal }: CommandContext, agent: AgentLink, name: string): Promise<number> {
  const found = await findMachine(agent, name, signal);
  output.data(found);
  const now = new Date();
  output.line(describeMachine(found, now));
  const rows = found.points.map((one) => describePoint(one, now));
  if (rows.length > 0) output.line("");
  for (const line of rows.length === 0 ? [] : formatTable([pointColumns, ...rows], [3])) output.line(line);
  return 0;
}

async function findMachine(agent: AgentLink, name: string, signal: AbortSignal): Promise<MachineStatus> {
  const all = await agent.machines(signal);
  const found = all.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = all.map((one) => one.name);
  const near = nearestName(name, names);
  throw new Failure("missing", `the agent has no machine ${name} for this pairing`, {
    hint: near !== null ? `did you mean ${near}?` : names.length === 0 ? "it has none" : `it has ${names.join(", ")}`,
  });
}

async function doJob(context: CommandContext, agent: AgentLink, name: string, job: MachineJob): Promise<number> {
  const { values, output, signal } = context;
  await findMachine(agent, name, signal);
  const run = await agent.startJob(name, job, signal);
  if (values["detach"] === true) {
    output.data({ machine: name, job, run });
    output.line(run);
    return 0;
  }
  const end = await followJob(output, agent.followRun({ machine: name, run }, 0, signal)).catch((thrown: unknown) => {
    if (signal.aborted)
      throw new Failure("cancelled", `no longer shown; the run ${run} goes on at the host`, {
        hint: `\`davit machine list ${name}\` shows what came of it`,
      });
    throw thrown;
  });
  const { outcome, backup, failure } = end ?? { outcome: "interrupted" as const, backup: null, failure: null };
  output.data({ machine: name, job, run, outcome, backup, failure });
  if (outcome === "ok") {
    output.line(`${backup ?? name}  ${done[job]}`);
    return 0;
  }
  const hint = failure?.hint === undefined ? "" : `\n  hint: ${failure.hint}`;
  output.problem(`${name}: ${failure?.message ?? `the run ${run} was ${outcome}`}${hint}`);
  return outcome === "cancelled" ? exitCodes.cancelled : exitCodes[failure?.kind ?? "failed"];
}

const done: Readonly<Record<MachineJob, string>> = {
  full: "sealed",
  incremental: "sealed",
  verify: "sound",
  drill: "booted, and is well",
};

/** Shows a run of the agent as one of one's own; gives its end, or null where it was cut off. */
async function followJob(
  output: Output,
  events: AsyncIterable<RunEvent>,
): Promise<(RunEvent & { type: "ended" }) | null> {
  const reporter = output.reporter();
  for await (const event of events) {
    if (event.type === "stage") reporter.stage(event.stage);
    if (event.type === "progress") reporter.progress(event.progress);
    if (event.type === "warning") reporter.warning(event.message, event.hint);
    if (event.type === "output") reporter.output(event.source, event.line);
    if (event.type === "ended") return event;
  }
  return null;
}
