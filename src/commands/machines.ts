import { Failure } from "../failure/failure.ts";
import { agentOf } from "../link/sidecar/not-paired.ts";
import type { Command } from "./command.ts";
import { describeMachine } from "./describe-machine.ts";

export const machines: Command = {
  name: "machines",
  summary: "list the machines that the agent on the physical host backs up",
  usage: `davit machines

Asks the agent that DAVIT_AGENT names for its machines: their state, their newest point with its rungs of proof, what is next.
\`davit machine\` does things with one. How to pair with an agent: docs/link.md.`,
  async run({ names, output, config, signal }) {
    if (names.length > 0)
      throw new Failure("usage", "machines takes no names", { hint: `\`davit machine list ${names[0]}\` shows one` });
    const agent = agentOf(config());
    try {
      const found = await agent.machines(signal);
      output.data(found);
      if (found.length === 0)
        output.line(
          `the agent at ${agent.address} has no machine for this pairing; /etc/davit/agent.yaml on the host names them`,
        );
      const now = new Date();
      found.forEach((one, at) => output.line(`${at === 0 ? "" : "\n"}${describeMachine(one, now)}`));
      return 0;
    } finally {
      agent.close();
    }
  },
};
