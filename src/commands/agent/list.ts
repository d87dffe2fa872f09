import type { PointSummary } from "../../contract/machine.ts";
import type { Host } from "../../flow/machine/host.ts";
import { checkModuleNames } from "../check-module-names.ts";
import { describePoint, pointColumns } from "../describe-machine.ts";
import { formatTable } from "../format-table.ts";
import type { AgentCommand } from "./agent-command.ts";

export const list: AgentCommand = {
  name: "list",
  summary: "list points and how well each is proven",
  usage: `davit agent list [MACHINE…]

Lists the points of the machines named, or of all in the vault, newest first within a machine: id (machine, chain, point), age,
type, what its files take, how the machine was at rest and for how long, and the rungs of proof (sealed, verified, drilled, copied). A
point that can't be used stands among them with the reason.`,
  async run({ names, output, open }) {
    checkModuleNames(names, "machine");
    const host = await open();
    const points = names.length === 0 ? await host.vault.list() : await listOf(host, [...new Set(names)]);
    output.data(points);
    if (points.length === 0) {
      output.line(`the vault ${host.vault.dir} holds no points yet; \`davit agent backup --all\` makes the first`);
      return 0;
    }
    const rows = points.map((one) => describePoint(one, host.now()));
    for (const line of formatTable([pointColumns, ...rows], [3])) output.line(line);
    return 0;
  },
};

async function listOf(host: Host, names: readonly string[]): Promise<PointSummary[]> {
  const points: PointSummary[] = [];
  for (const name of names) {
    const found = await host.vault.list(name);
    // It knows what to say where there is none.
    if (found.length === 0) await host.vault.resolve(`${name}@latest`);
    points.push(...found);
  }
  return points;
}
