import { type Anomaly, type BackupSummary, unansweredAnomalies } from "../contract/manifest.ts";
import type { Davit } from "./davit.ts";

/** A backup with the anomalies that somebody has answered. */
export interface Answered {
  id: string;
  anomalies: Anomaly[];
}

/**
 * Writes down that a person looked at the unanswered anomalies of a module, or of the one backup that `module/time` or
 * `module@latest` names, and that all is well: rotation removes older backups again. Gives what was answered, newest first;
 * nothing where there was nothing to answer. `missing` where there is no such backup.
 */
export async function acknowledge(davit: Davit, name: string, note?: string): Promise<Answered[]> {
  const answered: Answered[] = [];
  for (const backup of await named(davit, name)) {
    const anomalies = unansweredAnomalies(backup);
    if (anomalies.length === 0) continue;
    const detail = note === undefined ? {} : { detail: note };
    const at = davit.now().toISOString();
    await davit.vault.appendEvidence(backup.id, { kind: "acknowledged", at, ok: true, ms: 0, ...detail });
    answered.push({ id: backup.id, anomalies });
  }
  return answered;
}

async function named(davit: Davit, name: string): Promise<BackupSummary[]> {
  if (/[/@]/u.test(name)) return [await davit.vault.resolve(name)];
  const backups = await davit.vault.list(name);
  // It knows what to say where there is none.
  return backups.length === 0 ? [await davit.vault.resolve(`${name}@latest`)] : backups;
}
