import { formatVersion, type Manifest } from "../contract/manifest.ts";
import type { Module, Warning } from "../contract/module.ts";
import type { BackupPlan } from "../plan/plan-backup.ts";
import type { Davit } from "./davit.ts";
import type { ArchivedModule } from "./archive-module.ts";
import type { Findings } from "./look-for-anomalies.ts";

export interface BackupFacts {
  davit: Pick<Davit, "version" | "host" | "now">;
  module: Module;
  plan: BackupPlan;
  archived: ArchivedModule;
  found: Findings;
  started: Date;
  time: string;
}

/** The manifest of a backup that is about to be sealed. */
export function describeBackup({ davit, module, plan, archived, found, started, time }: BackupFacts): Manifest {
  const { archive, passes, dumps, hold } = archived;
  const { skipped, ...written } = archive;
  const leftOut: Warning[] = skipped.map(({ path, reason }) => ({
    severity: "note",
    message: `/${path} was left out: ${reason}`,
  }));
  const ms = hold.began === null || hold.released === null ? null : hold.released.getTime() - hold.began.getTime();
  return {
    format: formatVersion,
    module: module.name,
    time,
    davit: davit.version,
    host: davit.host,
    started: started.toISOString(),
    held: hold.held?.toISOString() ?? null,
    released: hold.released?.toISOString() ?? null,
    sealed: davit.now().toISOString(),
    hold: { mode: module.settings.hold, ms, consistent: hold.consistent, passes },
    sources: plan.sources,
    containers: module.containers.map(({ name, image, imageDigest }) => ({ name, image, imageDigest })),
    ...(dumps.length > 0 && { dumps }),
    ...written,
    warnings: [...module.warnings, ...plan.warnings, ...leftOut, ...found.warnings],
    anomalies: found.anomalies,
  };
}
