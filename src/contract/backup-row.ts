import type { BackupRow } from "./api.ts";
import { type BackupSummary, type Evidence, unansweredAnomalies } from "./manifest.ts";

/** The short form of a backup, for lists. */
export function backupRow(backup: BackupSummary): BackupRow {
  const { id, module, time, manifest, evidence, problem } = backup;
  return {
    id,
    module,
    time,
    problem,
    sealed: manifest?.sealed ?? null,
    entries: manifest?.index.entries ?? null,
    bytesIn: manifest?.counts.bytesIn ?? null,
    bytesOut: manifest?.counts.bytesOut ?? null,
    ms: manifest === null ? null : Date.parse(manifest.sealed) - Date.parse(manifest.started),
    holdMs: manifest?.hold.ms ?? null,
    consistent: manifest?.hold.consistent ?? null,
    warnings: manifest?.warnings.length ?? null,
    changed: manifest?.changedTotal ?? null,
    unanswered: unansweredAnomalies(backup),
    // What containers printed may be long.
    evidence: evidence.map(withoutLogs),
  };
}

function withoutLogs(evidence: Evidence): Evidence {
  const short = { ...evidence };
  delete short.logs;
  return short;
}
