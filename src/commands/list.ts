import { parseBackupTime } from "../contract/backup-id.ts";
import { type BackupSummary, unansweredAnomalies } from "../contract/manifest.ts";
import { backupRow } from "../contract/backup-row.ts";
import type { Davit } from "../flow/davit.ts";
import { answerHint } from "../flow/look-for-anomalies.ts";
import { checkModuleNames } from "./check-module-names.ts";
import type { Command } from "./command.ts";
import { describeProof } from "./describe-proof.ts";
import { formatAge } from "./format-age.ts";
import { formatBytes, formatDuration } from "./format-amounts.ts";
import { formatTable } from "./format-table.ts";

export const list: Command = {
  name: "list",
  summary: "list backups and how well each is proven",
  usage: `davit list [MODULE…]

Lists the backups of the modules named, or of all, newest first within a module: id, age, files, bytes of content -> bytes
of the archive, how long services were held, and the rungs of proof (sealed, verified, drilled, copied). A backup that
can't be used stands among them with the reason. What seems a loss of data and is unanswered comes first (\`davit ack\`).`,
  async run({ names, output, open }) {
    checkModuleNames(names);
    const davit = await open();
    const backups = names.length === 0 ? await davit.vault.list() : await listOf(davit, [...new Set(names)]);
    const now = davit.now();
    output.data(backups.map(backupRow));
    if (backups.length === 0) {
      output.line(`the vault ${davit.vault.dir} holds no backups yet; \`davit backup --all\` makes the first`);
      return 0;
    }
    for (const line of describeUnanswered(backups)) output.line(line);
    const rows = backups.map((one) => describe(one, now));
    const table = formatTable([["BACKUP", "AGE", "FILES", "BYTES IN -> OUT", "HELD", "PROOF"], ...rows], [2]);
    for (const line of table) output.line(line);
    return 0;
  },
};

async function listOf(davit: Davit, names: readonly string[]): Promise<BackupSummary[]> {
  const backups: BackupSummary[] = [];
  for (const name of names) {
    const found = await davit.vault.list(name);
    // It knows what to say where there is none.
    if (found.length === 0) await davit.vault.resolve(`${name}@latest`);
    backups.push(...found);
  }
  return backups;
}

function describe({ id, time, manifest, evidence, problem }: BackupSummary, now: Date): string[] {
  const age = formatAge(parseBackupTime(time), now);
  const proof = problem === null ? describeProof(evidence, now) : `PROBLEM: ${problem}`;
  if (manifest === null) return [id, age, "?", "?", "?", proof];
  const { counts, hold } = manifest;
  const held = hold.ms === null ? "no" : `${formatDuration(hold.ms)}${hold.consistent ? "" : ", inconsistent"}`;
  return [
    id,
    age,
    String(counts.files),
    `${formatBytes(counts.bytesIn)} -> ${formatBytes(counts.bytesOut)}`,
    held,
    proof,
  ];
}

/** Module by module, so that the way out stands there once. */
function describeUnanswered(backups: readonly BackupSummary[]): string[] {
  return [...Map.groupBy(backups, (backup) => backup.module)].flatMap(([module, own]) => {
    const told = own.flatMap((one) =>
      unansweredAnomalies(one).map(({ message }) => `UNANSWERED ${one.id}: ${message}`),
    );
    return told.length === 0 ? [] : [...told, `  hint: ${answerHint(module)}`, ""];
  });
}
