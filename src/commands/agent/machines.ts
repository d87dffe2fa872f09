import type { MachineStatus } from "../../contract/machine.ts";
import { exitCodes, Failure } from "../../failure/failure.ts";
import { findMachine } from "../../flow/machine/find-machine.ts";
import { machineStatuses } from "../../link/agent/machine-statuses.ts";
import { describeProof } from "../describe-proof.ts";
import { formatAge } from "../format-age.ts";
import { formatTable } from "../format-table.ts";
import type { AgentCommand } from "./agent-command.ts";

export const machines: AgentCommand = {
  name: "machines",
  summary: "list the machines, their state, newest point and next backup",
  usage: `davit agent machines [MACHINE…]

Lists the machines of agent.yaml, or those named, as libvirt sees them now. Exit code 1 where one can't be asked or is not there.`,
  async run({ names, output, open, signal }) {
    const host = await open();
    for (const name of names) findMachine(host, name);
    const all = await machineStatuses(host, signal);
    const wanted = names.length === 0 ? all : all.filter((one) => names.includes(one.name));
    output.data(wanted);
    if (wanted.length === 0)
      throw new Failure("missing", "agent.yaml names no machine", { hint: `write them into ${host.config.file}` });
    const rows = wanted.map((one) => describe(one, host.now()));
    for (const line of formatTable([["MACHINE", "STATE", "NEXT", "NEWEST POINT", "PROOF"], ...rows])) output.line(line);
    for (const { name, problem, warnings } of wanted) {
      if (problem !== null) output.problem(`${name}: ${problem}`);
      for (const { message, hint } of warnings)
        output.problem(`${name}: ${message}${hint === undefined ? "" : `\n  hint: ${hint}`}`);
    }
    return wanted.some(({ problem, warnings }) => problem !== null || warnings.length > 0) ? exitCodes.failed : 0;
  },
};

function describe({ name, state, next, points }: MachineStatus, now: Date): string[] {
  const newest = points.find((one) => one.problem === null);
  const [soonest] = [next.full, next.incremental].filter((one) => one !== null).toSorted();
  return [
    name,
    state ?? "?",
    soonest === undefined ? "by hand" : formatAge(new Date(soonest), now),
    newest === undefined ? "none" : `${newest.chain}/${newest.time}`,
    newest === undefined ? "" : describeProof(newest.evidence, now),
  ];
}
