import { Failure } from "../../failure/failure.ts";
import { examineHost } from "../../flow/machine/examine-host.ts";
import { tellChecks } from "../tell-checks.ts";
import type { AgentCommand } from "./agent-command.ts";

export const doctor: AgentCommand = {
  name: "doctor",
  summary: "check that everything the machines' backups need is there",
  usage: `davit agent doctor

Checks agent.yaml, libvirt and its version, each machine (whether it is there, can be backed up while it runs, which of its disks
can't have increments and why, whether its guest agent answers), the folders, their room for a full and whether QEMU comes
through to them, AppArmor, the service, the clock, and says what to do about each finding. The folders are tried by writing to
them; what was written is removed again.

Exit code 0 when there is no error (warnings do not count), 1 when there is one, 3 when agent.yaml is wrong.`,
  async run({ names, open, program, output, signal }) {
    if (names.length > 0)
      throw new Failure("usage", `doctor takes no names, but ${names[0]} was given`, {
        hint: "`davit agent doctor` checks everything",
      });
    return tellChecks(await examineHost(await open(), program, signal), output);
  },
};
