import { rateExample, readRate } from "../../config/read-rate.ts";
import { asFailure, exitCodes, Failure } from "../../failure/failure.ts";
import { verifyPoint } from "../../flow/machine/verify-point.ts";
import { chainsToVerify } from "../../schedule/chains-to-verify.ts";
import { describeFailureOf } from "../describe-failure.ts";
import { formatBytes } from "../format-amounts.ts";
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
    const rate = rateOf(values["rate"]);
    const host = await open();
    const ids = values["all"] === true ? chainsToVerify(await host.vault.list()).map(({ id }) => id) : names;
    if (ids.length === 0)
      throw new Failure("missing", "the vault is empty", { hint: "`davit agent backup --all` fills it" });
    const results: unknown[] = [];
    let code = 0;
    for (const id of ids) {
      signal.throwIfAborted();
      try {
        const result = await verifyPoint(host, id, request(), { rate });
        results.push({ id: result.point, ok: true, ...result });
        const count = result.sound.length === 1 ? "it" : `it and the ${result.sound.length - 1} that it builds on`;
        output.line(`${result.point}  sound: ${count}, ${formatBytes(result.bytes)}`);
      } catch (error) {
        const failure = asFailure(error);
        const { kind, message, hint } = failure;
        if (kind === "cancelled") throw failure;
        results.push({ id, ok: false, failure: { kind, message, hint } });
        output.problem(describeFailureOf(id, failure));
        code = exitCodes[kind];
      }
    }
    output.data(results);
    return code;
  },
};

function rateOf(given: unknown): number {
  if (typeof given !== "string") return 0;
  const rate = readRate(given);
  if (rate !== undefined) return rate;
  throw new Failure("usage", `--rate is ${JSON.stringify(given)}, which is not an amount a second`, {
    hint: `davit agent verify docker-host@latest --rate ${rateExample}`,
  });
}
