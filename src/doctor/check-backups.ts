import type { DoctorCheck } from "../contract/api.ts";
import type { BackupSummary } from "../contract/manifest.ts";

/** Whether every backup in the vault can be used, as far as its manifest and the sizes of its files tell. */
export function checkBackups(backups: readonly BackupSummary[]): DoctorCheck {
  const name = "backups";
  if (backups.length === 0) return { name, status: "ok", message: "the vault holds no backups yet" };
  const broken = backups.filter((one) => one.problem !== null);
  const [first] = broken;
  const modules = new Set(backups.map((one) => one.module)).size;
  const all = `${backups.length} ${backups.length === 1 ? "backup" : "backups"} of ${modules} ${modules === 1 ? "module" : "modules"}`;
  if (first === undefined) return { name, status: "ok", message: `${all}, none with a problem` };
  return {
    name,
    status: "warning",
    message: `${broken.length} of ${all} can't be used: ${first.id}: ${first.problem}`,
    hint: "`davit list` shows all of them; look at the disk, and take a new backup",
  };
}
