import { pointId } from "../../contract/machine.ts";
import { Failure } from "../../failure/failure.ts";
import { backUpMachine } from "../../flow/machine/back-up-machine.ts";
import { checkModuleNames } from "../check-module-names.ts";
import { doEach } from "../do-each.ts";
import type { AgentCommand } from "./agent-command.ts";
import { describePoint } from "./describe-point.ts";

export const backup: AgentCommand = {
  name: "backup",
  summary: "back up machines now",
  usage: `davit agent backup MACHINE… [--full]
davit agent backup --all [--full]

Saves what has changed on each machine's disks since its newest point; all of them where there is nothing to build on, or
where that can't be trusted, and then says why. One that fails does not keep the others from their turn.

  --full   begin a new chain
  --all    every machine of agent.yaml`,
  options: { all: { type: "boolean" }, full: { type: "boolean" } },
  async run({ values, names, output, open, request, signal }) {
    if ((names.length === 0) === (values["all"] !== true))
      throw new Failure("usage", "name the machines to back up, or give --all", {
        hint: "`davit agent machines` lists them",
      });
    checkModuleNames(names, "machine");
    const host = await open();
    const machines = values["all"] === true ? host.config.machines.map((one) => one.name) : names;
    if (machines.length === 0)
      throw new Failure("missing", "agent.yaml names no machine", { hint: `write them into ${host.config.file}` });
    const type = values["full"] === true ? "full" : "incremental";
    return doEach({
      names: machines,
      output,
      signal,
      called: "machine",
      work: async (machine) => {
        const manifest = await backUpMachine(host, machine, { ...request(), type });
        const id = pointId(machine, manifest.chain, manifest.time);
        output.line(describePoint(manifest, host.vault.folder(id)));
        return { machine, ok: true, id, manifest };
      },
    });
  },
};
