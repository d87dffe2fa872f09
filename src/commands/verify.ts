import { rateExample, readRate } from "../config/read-rate.ts";
import { backupId } from "../contract/backup-id.ts";
import { asFailure, exitCodes, Failure } from "../failure/failure.ts";
import { verifyBackup } from "../flow/verify.ts";
import type { Command } from "./command.ts";
import { describeFailureOf } from "./describe-failure.ts";
import { formatBytes } from "./format-amounts.ts";

export const verify: Command = {
  name: "verify",
  summary: "read backups again and compare every checksum",
  usage: `davit verify BACKUP…
davit verify --all

Reads each backup once and compares every checksum: of its files, and of each entry. What was found is written down as
evidence beside the backup. A BACKUP is nas/20261122T020000Z or nas@latest. One that fails does not keep the others from their
turn; the exit code is that of the last one that failed.

  --all         every backup in the vault
  --rate RATE   read at most so much a second, like 50MB (as quickly as it goes when not given)`,
  options: { all: { type: "boolean" }, rate: { type: "string" } },
  async run({ values, names, output, open, request, signal }) {
    if ((names.length === 0) === (values["all"] !== true))
      throw new Failure("usage", "name the backups to verify, or give --all", { hint: "`davit list` shows them" });
    const rate = rateOf(values["rate"]);
    const davit = await open();
    const ids =
      values["all"] === true ? (await davit.vault.list()).map(({ module, time }) => backupId(module, time)) : names;
    if (ids.length === 0) throw new Failure("missing", "the vault is empty", { hint: "`davit backup --all` fills it" });
    const results: unknown[] = [];
    let code = 0;
    for (const id of ids) {
      signal.throwIfAborted();
      try {
        const result = await verifyBackup(davit, id, request(), { rate });
        results.push({ id, ...result });
        output.line(`${id}  sound: ${result.entries} entries, ${formatBytes(result.bytes)}`);
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
    hint: `davit verify nas@latest --rate ${rateExample}`,
  });
}
