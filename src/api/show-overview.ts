import type { Overview } from "../contract/overview.ts";
import type { Discovered } from "../discover/discover-modules.ts";
import { lastDue } from "../schedule/last-due.ts";
import { nextRun } from "../schedule/next-run.ts";
import type { Davit } from "../flow/davit.ts";
import { overviewModules } from "../flow/overview.ts";

/** Runs that are looked through for each module's last backup and for what goes on. */
const runsLookedAt = 1000;

/** What is known of the host, beside what the vault and the runs tell. */
interface Known extends Discovered {
  vaultVolume: string | null;
}

/** All that a person asks first: what is safe, what is not, and what is not backed up at all. */
export async function showOverview(davit: Davit, { modules, unlisted, vaultVolume }: Known): Promise<Overview> {
  const [rows, runs, freeBytes] = await Promise.all([
    davit.vault.rows.list(),
    davit.runs.list({ limit: runsLookedAt }),
    davit.vault.freeBytes().catch(() => null),
  ]);
  const now = davit.now();
  return {
    host: davit.host.name,
    version: davit.version,
    now: now.toISOString(),
    modules: overviewModules({
      modules,
      rows,
      runs,
      nextRun: ({ settings }) => nextRun(settings.schedule, settings.timezone, now),
      lastDue: ({ settings }) => lastDue(settings.schedule, settings.timezone, now),
      now,
    }),
    unlisted,
    portainer: davit.config.portainer,
    vault: {
      path: davit.vault.dir,
      volume: vaultVolume,
      freeBytes,
      bytes: rows.reduce((sum, row) => sum + (row.bytesOut ?? 0), 0),
      backups: rows.length,
    },
  };
}
