import type { BackupSummary } from "../contract/manifest.ts";

/**
 * Which backup is to be copied next; null where none is. Pure: what was copied is what the evidence says. Of a module those that are newer
 * than its newest copied one, the oldest first; of one that was never copied the newest alone. What is not free has no turn now.
 */
export function nextCopy(
  backups: readonly BackupSummary[],
  isFree: (backup: BackupSummary) => boolean = () => true,
): BackupSummary | null {
  const usable = backups.filter((one) => one.problem === null);
  const waiting = [...Map.groupBy(usable, (one) => one.module).values()].flatMap((own) => {
    const newestFirst = own.toSorted((a, b) => (a.time < b.time ? 1 : -1));
    const copied = newestFirst.findIndex((one) => one.evidence.some(({ kind, ok }) => kind === "copied" && ok));
    return newestFirst.slice(0, copied === -1 ? 1 : copied);
  });
  return waiting.filter(isFree).toSorted((a, b) => (a.time < b.time ? -1 : 1))[0] ?? null;
}
