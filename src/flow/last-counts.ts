import type { Counts } from "../contract/manifest.ts";
import type { Progress } from "../contract/run-event.ts";
import type { Vault } from "../vault/open-vault.ts";

/** The counts of a module's newest whole backup: the best guess at how much there is to do. */
export async function lastCounts(vault: Vault, module: string): Promise<Counts | null> {
  const backups = await vault.list(module);
  return backups.find((one) => one.manifest !== null)?.manifest?.counts ?? null;
}

/** Progress with the totals of an earlier backup, as long as it has not gone past them. */
export function withTotals(now: Progress, counts: Counts | null): Progress {
  if (counts === null) return now;
  const { files, directories, symlinks, hardLinks, fifos, bytesIn } = counts;
  const entries = files + directories + symlinks + hardLinks + fifos;
  if (now.entries > entries || now.bytes > bytesIn) return now;
  return { ...now, totalEntries: entries, totalBytes: bytesIn };
}
