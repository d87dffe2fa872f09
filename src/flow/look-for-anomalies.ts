import { compareIndexes, emptySources } from "../compare/compare-indexes.ts";
import { type Difference, findAnomalies } from "../compare/find-anomalies.ts";
import type { ArchiveResult } from "../contract/archive-session.ts";
import { type Anomaly, type BackupSummary, type Manifest, unansweredAnomalies } from "../contract/manifest.ts";
import type { Warning } from "../contract/module.ts";
import { asFailure } from "../failure/failure.ts";
import type { BackupPlan } from "../plan/plan-backup.ts";
import type { HoldContext } from "./while-held.ts";

export interface NewBackup {
  plan: Pick<BackupPlan, "sources">;
  /** The folder that holds the new archive and its index. */
  partial: string;
  archive: ArchiveResult;
}

/** What the manifest is to say of it. */
export interface Findings {
  anomalies: Anomaly[];
  warnings: Warning[];
}

/**
 * Looks, before a backup is sealed, whether it seems to have lost data that an earlier one has, and tells that in the run. It
 * is compared with the newest usable backup that has no unanswered anomalies, so that a loss is told each time until somebody
 * answers. What can't be read is told, and is no failure of the new backup.
 */
export async function lookForAnomalies(
  { davit, module: { name }, reporter, signal }: HoldContext,
  { plan, partial, archive }: NewBackup,
): Promise<Findings> {
  const before = comparable(await davit.vault.list(name));
  const now = { folder: partial, manifest: archive, signal };
  const paths = plan.sources.map((source) => source.path);
  if (before === null) {
    const warnings = (await emptySources(now, paths)).map(plainWarning);
    for (const { message, hint } of warnings) reporter.warning(message, hint);
    return { anomalies: [], warnings };
  }
  let difference: Difference | null = null;
  try {
    const earlier = { folder: davit.vault.folder(before.id), manifest: before.manifest, signal };
    difference = await compareIndexes({ now, before: earlier, sources: paths });
  } catch (error) {
    signal.throwIfAborted();
    const { message } = asFailure(error);
    reporter.warning(`not compared with ${before.id}, file by file: ${message}`, `run \`davit verify ${before.id}\``);
  }
  const anomalies = findAnomalies(archive, { id: before.id, ...before.manifest }, difference);
  for (const { message } of anomalies) reporter.warning(message, answerHint(name));
  return { anomalies, warnings: [] };
}

/** What to do about an anomaly. */
export function answerHint(module: string): string {
  return `look whether the data is as it should be; older backups are kept until you say so with \`davit ack ${module}\``;
}

function comparable(newestFirst: readonly BackupSummary[]): { id: string; manifest: Manifest } | null {
  for (const backup of newestFirst) {
    const { id, manifest, evidence, problem } = backup;
    const damaged = evidence.findLast((one) => one.kind === "verified")?.ok === false;
    if (manifest === null || problem !== null || damaged || unansweredAnomalies(backup).length > 0) continue;
    return { id, manifest };
  }
  return null;
}

function plainWarning(path: string): Warning {
  return {
    severity: "warning",
    message: `the source ${path} holds nothing to back up`,
    hint: "look whether it is mounted, and whether an exclusion leaves out all that it holds",
  };
}
