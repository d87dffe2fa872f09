import { Failure } from "../failure/failure.ts";
import type { Davit } from "../flow/davit.ts";
import { drillBackup, type DrillResult } from "../flow/drill.ts";
import type { Command } from "./command.ts";
import { doEach } from "./do-each.ts";
import { formatDuration } from "./format-amounts.ts";
import type { Output } from "./output.ts";

export const drill: Command = {
  name: "drill",
  summary: "restore backups, start them in isolation, and ask whether they are well",
  usage: `davit drill BACKUP…

Proves a backup: restores it into the scratch folder, starts its containers there from the same images, on a network of
their own that leads nowhere, and asks them whether they are well, in the way that davit.drill says. The module itself is not
touched. What was found, and how long the recovery took, is written down as evidence beside the backup; then all is removed.
What a real recovery would lack as well (an image, a file outside the roots) is told. A BACKUP is nas/20261122T020000Z or
nas@latest. One that fails does not keep the others from their turn; the exit code is that of the last one that failed.`,
  async run({ names, output, open, request, signal }) {
    if (names.length === 0)
      throw new Failure("usage", "name the backups to drill", {
        hint: "davit drill nas@latest; `davit list` shows them",
      });
    const davit = await open();
    return doEach({
      names,
      output,
      signal,
      called: "id",
      work: async (name) => {
        const result = await drillBackup(davit, name, request());
        tell(output, result);
        return { id: result.backup, ok: true, ...result };
      },
      failed: async (name, { message }) => {
        if (!output.json) await tellLogs(output, davit, name, message);
      },
    });
  },
};

function tell(output: Output, { backup, ms, detail, findings }: DrillResult): void {
  output.line(`${backup}  recovered in ${formatDuration(ms)}: ${detail}`);
  if (findings.length > 0)
    output.line(`  with ${findings.length === 1 ? "1 finding" : `${findings.length} findings`}, see above`);
}

/** What the containers printed last, as the evidence of that drill has it. */
async function tellLogs(output: Output, davit: Davit, name: string, message: string): Promise<void> {
  const found = await davit.vault.resolve(name).catch(() => null);
  const evidence = found?.evidence.findLast((one) => one.kind === "drilled");
  if (evidence?.detail !== message) return;
  for (const { container, text } of evidence.logs ?? []) {
    output.problem(`last lines of ${container}:`);
    for (const line of text.trimEnd().split("\n")) output.problem(`  ${line}`);
  }
}
