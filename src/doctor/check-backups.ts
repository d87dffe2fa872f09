import type { DoctorCheck } from "../contract/api.ts";
import { type BackupSummary, unansweredAnomalies } from "../contract/manifest.ts";

/**
 * Whether every backup in the vault can be used, as far as its manifest, the sizes of its files and its last verification tell,
 * and whether one waits for an answer.
 */
export function checkBackups(backups: readonly BackupSummary[]): DoctorCheck {
  const name = "backups";
  if (backups.length === 0) return { name, status: "ok", message: "the vault holds no backups yet" };
  const modules = new Set(backups.map((one) => one.module)).size;
  const all = `${backups.length} ${backups.length === 1 ? "backup" : "backups"} of ${modules} ${modules === 1 ? "module" : "modules"}`;
  const broken = backups.flatMap((one) => {
    const problem = problemOf(one);
    return problem === null ? [] : [`${one.id}: ${problem}`];
  });
  if (broken.length > 0)
    return {
      name,
      status: "warning",
      message: `${broken.length} of ${all} can't be used: ${broken[0]}`,
      hint: "`davit list` shows all of them; look at the disk, and take a new backup",
    };
  const odd = backups.find((one) => unansweredAnomalies(one).length > 0);
  if (odd !== undefined)
    return {
      name,
      status: "warning",
      message: `${odd.id} seems to have lost data: ${unansweredAnomalies(odd)[0]?.message}`,
      hint: `look at the data; older backups are kept until you answer with \`davit ack ${odd.module}\``,
    };
  return { name, status: "ok", message: `${all}, none with a problem` };
}

function problemOf({ problem, evidence }: BackupSummary): string | null {
  if (problem !== null) return problem;
  const last = evidence.findLast((one) => one.kind === "verified");
  return last?.ok === false ? (last.detail ?? "its last verification failed") : null;
}
