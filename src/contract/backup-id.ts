import { z } from "zod";

/** A module's name: what may stand as one folder name in the vault. */
export const moduleName = z
  .string()
  .regex(
    /^[a-z0-9A-Z][a-zA-Z0-9_.-]{0,99}$/u,
    "a module's name has letters, digits, '_', '.', '-', at most 100, and starts with a letter or digit",
  );

/** When a backup was started, in UTC, as its folder's name: `20261122T020000Z`. Sorts by time. */
export const backupTime = z.string().regex(/^\d{8}T\d{6}Z$/u, "a backup's time looks like 20261122T020000Z");

/** `nas/20261122T020000Z`. */
export type BackupId = `${string}/${string}`;

/** A backup's id from its two parts. */
export function backupId(module: string, time: string): BackupId {
  return `${module}/${time}`;
}

/** The folder name for an instant; fractions of a second are dropped. */
export function formatBackupTime(instant: Date): string {
  return instant
    .toISOString()
    .replace(/[-:]/gu, "")
    .replace(/\.\d+Z$/u, "Z");
}

/** The instant that a folder name stands for. */
export function parseBackupTime(time: string): Date {
  return new Date(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u, "$1-$2-$3T$4:$5:$6Z"));
}
