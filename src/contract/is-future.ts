import { parseBackupTime } from "./backup-id.ts";

/** Whether a backup is dated after now, as happens when the clock was ahead and then set back. A minute is let pass. */
export function isFuture(time: string, now: Date): boolean {
  return parseBackupTime(time).getTime() > now.getTime() + 60_000;
}
