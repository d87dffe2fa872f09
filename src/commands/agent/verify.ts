import { Failure } from "../../failure/failure.ts";
import { verifyPoint } from "../../flow/machine/verify-point.ts";
import { chainsToVerify } from "../../schedule/chains-to-verify.ts";
import { doEach } from "../do-each.ts";
import { formatBytes } from "../format-amounts.ts";
import { rateOption } from "../rate-option.ts";
import type { AgentCommand } from "./agent-command.ts";

export const verify: AgentCommand = {
  name: "verify",
  summary: "read points again and compare every checksum",
  usage: `davit agent verify POINT…
davit agent verify --all

Reads each point and all that it builds on once, compares every checksum, and checks every disk and its way to its backing
file. What was found is written down as evidence beside each point. A POINT is docker-host@latest, or its whole id as \`davit
agent list\` shows it. One that fails does not keep the others from their turn; the exit code is that of the last that failed.

  --all         every chain in the vault
  --rate RATE   read at most so much a second, like 50MB (as quickly as it goes when not given)`,
  options: { all: { type: "boolean" }, rate: { type: "string" } },
  async run({ values, names, output, open, request, signal }) {
    if ((names.length === 0) === (values["all"] !== true))
      throw new Failure("usage", "name the points to verify, or give --all", { hint: "`davit agent list` shows them" });
    const rate = rateOption(values["rate"], "davit agent verify docker-host@latest");
    const host = await open();
    const ids = values["all"] === true ? chainsToVerify(await host.vault.list()).map(({ id }) => id) : names;
    if (ids.length === 0)
      throw new Failure("missing", "the vault is empty", { hint: "`davit agent backup --all` fills it" });
    return doEach({
      names: ids,
      output,
      signal,
      called: "id",
      work: async (id) => {
        const result = await verifyPoint(host, id, request(), { rate });
        const count = result.sound.length === 1 ? "it" : `it and the ${result.sound.length - 1} that it builds on`;
        output.line(`${result.point}  sound: ${count}, ${formatBytes(result.bytes)}`);
        return { id: result.point, ok: true, ...result };
      },
    });
  },
};
