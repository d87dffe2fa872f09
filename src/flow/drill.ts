import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { backupId } from "../contract/backup-id.ts";
import type { ContainerLog, Finding } from "../contract/manifest.ts";
import type { RunReporter } from "../contract/run-event.ts";
import { drillModule, type DrillOutcome } from "../drill/drill-module.ts";
import { removeDrill } from "../drill/remove-drill.ts";
import { asFailure, withCleanup } from "../failure/failure.ts";
import { extractBackup } from "../restore/extract-backup.ts";
import { selectBytes } from "../restore/select-entries.ts";
import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";
import { openBackup } from "./open-backup.ts";
import { planDrill } from "./plan-drill.ts";
import { recordRun } from "./record-run.ts";
import { requireSpace } from "./require-space.ts";

export interface DrillResult {
  backup: string;
  /** The measured recovery time: from the start of the extraction until the module was well. */
  ms: number;
  /** What showed that it is well. */
  detail: string;
  findings: Finding[];
  logs: ContainerLog[];
}

const roomHint = "free some space, or set DAVIT_SCRATCH to a folder of another file system";

interface DrillContext {
  davit: Davit;
  id: string;
  module: string;
  run: string;
  reporter: RunReporter;
  signal: AbortSignal;
}

/**
 * Proves a backup: restores it into the scratch folder, starts its containers there, kept apart from everything, and asks them
 * whether they are well. The evidence is written down, of a failure as well. The module itself, its networks, volumes and ports
 * are not touched; when this returns or throws, nothing of the drill is left.
 */
export async function drillBackup(davit: Davit, name: string, request: FlowRequest): Promise<DrillResult> {
  const { module, time } = await davit.vault.resolve(name);
  const id = backupId(module, time);
  return recordRun(davit, request, {
    kind: "drill",
    module,
    backup: id,
    work: (reporter, signal, run) => drill({ davit, id, module, run, reporter, signal }),
  });
}

async function drill(context: DrillContext): Promise<DrillResult> {
  const { davit, id, module, run, reporter, signal } = context;
  await mkdir(davit.config.scratch, { recursive: true, mode: 0o700 });
  // Restored paths are compared with their real ones.
  const folder = join(await realpath(davit.config.scratch), `drill-${run}`);
  let started = performance.now();
  const prove = async (): Promise<DrillOutcome> => {
    reporter.stage("plan");
    const backup = await openBackup(davit, id);
    const plan = await planDrill(davit, backup, folder);
    await requireSpace(folder, await selectBytes(backup, []), reporter, roomHint);
    await davit.drills.write({ format: 1, module, run, folder });

    reporter.stage("extract");
    started = performance.now();
    const data = join(folder, "data");
    await mkdir(data, { recursive: true, mode: 0o700 });
    await extractBackup({
      folder: backup.folder,
      manifest: backup.manifest,
      target: data,
      signal,
      onProgress: (now) => reporter.progress(now),
    });
    return drillModule({ ...plan, docker: davit.docker, run, module, data, reporter, signal });
  };
  return withCleanup(
    async () => {
      const { failure, detail, findings, logs } = await orVerdict(prove);
      const ms = Math.round(performance.now() - started);
      for (const { message, hint } of findings) reporter.warning(message, hint);
      await writeEvidence(context, { failure, detail, findings, logs, ms });
      if (failure !== null) throw failure;
      return { backup: id, ms, detail, findings, logs };
    },
    async () => {
      reporter.stage("remove");
      await removeDrill(davit.docker, davit.drills, module);
    },
  );
}

/** What speaks against the backup is an outcome; what keeps it from being asked is thrown. */
async function orVerdict(work: () => Promise<DrillOutcome>): Promise<DrillOutcome> {
  try {
    return await work();
  } catch (thrown) {
    const failure = asFailure(thrown);
    const isVerdict = failure.kind === "damaged" || failure.kind === "unsafe" || failure.kind === "missing";
    if (!isVerdict) throw failure;
    return { failure, detail: "", findings: [], logs: [] };
  }
}

async function writeEvidence(
  { davit, id, reporter }: DrillContext,
  { failure, detail, findings, logs, ms }: DrillOutcome & { ms: number },
): Promise<void> {
  try {
    await davit.vault.appendEvidence(id, {
      kind: "drilled",
      at: davit.now().toISOString(),
      ok: failure === null,
      ms,
      detail: failure?.message ?? detail,
      findings,
      logs,
    });
  } catch (error) {
    const { message, hint } = asFailure(error);
    reporter.warning(`what the drill showed can't be written down: ${message}`, hint);
  }
}
