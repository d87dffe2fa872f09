import { backupId } from "../contract/backup-id.ts";
import { Failure } from "../failure/failure.ts";
import { verifyBackup } from "../flow/verify.ts";
import type { Command } from "./command.ts";
import { doEach } from "./do-each.ts";
import { formatBytes } from "./format-amounts.ts";
import { rateOption } from "./rate-option.ts";

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
    const rate = rateOption(values["rate"], "davit verify nas@latest");
    const davit = await open();
    const ids =
      values["all"] === true ? (await davit.vault.list()).map(({ module, time }) => backupId(module, time)) : names;
    if (ids.length === 0) throw new Failure("missing", "the vault is empty", { hint: "`davit backup --all` fills it" });
    return doEach({
      names: ids,
      output,
      signal,
      called: "id",
      work: async (id) => {
        const result = await verifyBackup(davit, id, request(), { rate });
        output.line(`${id}  sound: ${result.entries} entries, ${formatBytes(result.bytes)}`);
        return { id, ...result };
      },
    });
  },
};
