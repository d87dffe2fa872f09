import { Failure } from "../failure/failure.ts";
import { copyToAgent } from "../flow/copy-to-agent.ts";
import { agentOf } from "../link/sidecar/not-paired.ts";
import type { Command } from "./command.ts";
import { doEach } from "./do-each.ts";
import { formatBytes } from "./format-amounts.ts";

export const copy: Command = {
  name: "copy",
  summary: "copy backups to the agent on the physical host",
  usage: `davit copy BACKUP…

Sends sealed backups to the agent that DAVIT_AGENT names, from where an earlier try broke off. The agent reads each again from its
disk and compares every checksum before it counts as copied, which is written down as evidence here. Over the link a copy can
neither be changed nor removed. A BACKUP is nas/20261122T020000Z or nas@latest. One that fails does not keep the others from
their turn; the exit code is that of the last one that failed. \`davit serve\` copies new backups by itself with
DAVIT_AGENT_COPIES=true, or the label davit.copy=agent.`,
  async run({ names, output, config, open, request, signal }) {
    if (names.length === 0)
      throw new Failure("usage", "name the backups to copy", {
        hint: "davit copy nas@latest; `davit list` shows them",
      });
    const agent = agentOf(config());
    try {
      const davit = await open();
      return await doEach({
        names,
        output,
        signal,
        called: "id",
        work: async (name) => {
          const result = await copyToAgent(davit, agent, name, request());
          const how = result.sent === 0 ? "was there already" : `${formatBytes(result.sent)} sent`;
          output.line(
            `${result.backup}  copied to the agent at ${agent.address}: ${formatBytes(result.bytes)}, ${how}`,
          );
          return { id: result.backup, ok: true, ...result };
        },
      });
    } finally {
      agent.close();
    }
  },
};
