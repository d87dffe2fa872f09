import { Failure } from "../../failure/failure.ts";
import { drillPoint } from "../../flow/machine/drill-point.ts";
import { doEach } from "../do-each.ts";
import { formatDuration } from "../format-amounts.ts";
import type { AgentCommand } from "./agent-command.ts";

export const drill: AgentCommand = {
  name: "drill",
  summary: "boot points in isolation, and ask whether they are well",
  usage: `davit agent drill POINT…

Proves a point: boots it in a QEMU of its own, without network, with the rights of nobody and a limit on its memory, and asks
whether it is well, in the way that the machine's drill.check says. Nothing of the backup, and nothing of the live machine, can be
written by it. What was found, how long it took and a picture of the screen are kept as evidence beside the point. A POINT is
docker-host@latest, or its whole id. One that fails does not keep the others from their turn; the exit code is that of the last
that failed.`,
  async run({ names, output, open, request, signal }) {
    if (names.length === 0)
      throw new Failure("usage", "name the points to drill", {
        hint: "davit agent drill docker-host@latest; `davit agent list` shows them",
      });
    const host = await open();
    return doEach({
      names,
      output,
      signal,
      called: "id",
      work: async (name) => {
        const result = await drillPoint(host, name, request());
        output.line(`${result.point}  booted in ${formatDuration(result.ms)}: ${result.detail}`);
        for (const finding of result.findings) output.line(`  ${finding}`);
        if (result.screenshot !== null) output.line(`  ${result.screenshot}`);
        return { id: result.point, ok: true, ...result };
      },
    });
  },
};
