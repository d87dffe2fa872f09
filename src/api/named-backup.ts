import { backupId } from "../contract/backup-id.ts";

/** The id of the backup that a request's path names. */
export function namedBackup({ module, time }: { module: string; time: string }): string {
  return time === "latest" ? `${module}@latest` : backupId(module, time);
}
