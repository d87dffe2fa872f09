import type { Module } from "../contract/module.ts";
import type { ModuleSettings } from "../contract/settings.ts";
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
  const shown = overviewModules({
    modules,
    rows,
    runs,
    nextRun: oncePerSchedule(({ schedule, timezone }) => nextRun(schedule, timezone, now)),
    lastDue: oncePerSchedule(({ schedule, timezone }) => lastDue(schedule, timezone, now)),
    now,
  });
  return {
    host: davit.host.name,
    version: davit.version,
    now: now.toISOString(),
    modules: shown,
    unlisted,
    portainer: davit.config.portainer,
    vault: {
      path: davit.vault.dir,
      volume: vaultVolume,
      freeBytes,
      bytes: shown.reduce((sum, { bytes }) => sum + bytes, 0),
      backups: shown.reduce((sum, { backups }) => sum + backups, 0),
    },
  };
}

/** Most modules have the same schedule, and hundreds of them would take a tenth of a second. */
function oncePerSchedule(find: (settings: ModuleSettings) => Date | null): (module: Module) => Date | null {
  const known = new Map<string, Date | null>();
  return ({ settings }) => {
    const key = `${settings.timezone} ${settings.schedule}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = find(settings);
    known.set(key, made);
    return made;
  };
}
