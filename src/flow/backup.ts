import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { archiveModule } from "./archive-module.ts";
import { backupId } from "../contract/backup-id.ts";
import type { Manifest } from "../contract/manifest.ts";
import type { Warning } from "../contract/module.ts";
import type { RunReporter } from "../contract/run-event.ts";
import { composeFile } from "../discover/compose-file.ts";
import { moduleDocuments } from "../discover/module-documents.ts";
import { Failure, withCleanup } from "../failure/failure.ts";
import { type BackupPlan, planBackup } from "../plan/plan-backup.ts";
import { sealBackup } from "../seal/seal-backup.ts";
import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";
import { describeBackup } from "./describe-backup.ts";
import { findModule } from "./find-module.ts";
import { lookForAnomalies } from "./look-for-anomalies.ts";
import { recordRun } from "./record-run.ts";
import { rotate } from "./prune.ts";
import { backupInTwin } from "./twin-verbs.ts";
import { withHooks } from "./with-hooks.ts";

/**
 * Backs up one module: find it, plan, archive it with a hold as short as can be, seal, rotate. Gives the sealed backup's
 * manifest. When it throws, nothing is held and no half backup is left.
 */
export async function backupModule(davit: Davit, name: string, request: FlowRequest): Promise<Manifest> {
  const sealed = await backupInTwin(davit, name, request);
  if (sealed !== null) return sealed;
  return recordRun(davit, request, {
    kind: "backup",
    module: name,
    made: (manifest) => backupId(manifest.module, manifest.time),
    work: async (reporter) => {
      reporter.stage("discover");
      const module = await findModule(davit, name);
      const { warnings, ...documents } = await moduleDocuments(davit.docker, module, davit.config.keepEnvironment);

      reporter.stage("plan");
      const plan = planBackup(module);
      refuseEmpty(name, plan);
      tellWarnings(reporter, [...module.warnings, ...plan.warnings, ...warnings]);
      await davit.vault.writeRestoreNote();
      await davit.vault.sweepPartials((one) => one !== name);
      const started = davit.now();
      const partial = await davit.vault.createPartial(name, started);

      return withCleanup(
        withHooks({ davit, module, reporter, signal: request.signal }, async () => {
          const context = { davit, module, reporter, signal: request.signal };
          const archived = await archiveModule(context, plan, partial);

          reporter.stage("seal");
          const time = basename(partial).slice(1, -".partial".length);
          const found = await lookForAnomalies(context, { plan, partial, archive: archived.archive });
          const manifest = describeBackup({ davit, module, plan, archived, found, started, time });
          await sealBackup({
            partial,
            folder: davit.vault.folder(backupId(name, time)),
            manifest,
            ...documents,
            compose: composeFile(documents, module),
          });

          reporter.stage("rotate");
          await rotate(davit, module, reporter);
          return manifest;
        }),
        () => rm(partial, { recursive: true, force: true }),
      );
    },
  });
}

function refuseEmpty(name: string, plan: BackupPlan): void {
  if (plan.sources.length > 0) return;
  throw new Failure("config", `${name} has no data to back up: none of its mounts is a source`, {
    hint: "mount its data from below a root (`davit config` shows DAVIT_ROOTS) or from a named volume, or set davit.include",
  });
}

function tellWarnings(reporter: RunReporter, warnings: readonly Warning[]): void {
  for (const { severity, message, hint } of warnings) if (severity !== "note") reporter.warning(message, hint);
}
