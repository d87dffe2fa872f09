import type { PointManifest } from "../../contract/machine.ts";
import type { RunReporter } from "../../contract/run-event.ts";
import type { Warning } from "../../contract/module.ts";
import { Failure, withUndo } from "../../failure/failure.ts";
import { keepNewestCheckpoint, listCheckpoints } from "../../machine/checkpoints.ts";
import { planPoint } from "../../machine/plan-point.ts";
import { idOfPoint } from "../../machine/point-parts.ts";
import { readVersions, requireBackupSupport } from "../../machine/probe-libvirt.ts";
import { type Domain, readDomain } from "../../machine/read-domain.ts";
import { sealPoint } from "../../machine/seal-point.ts";
import { undoPoint } from "../../machine/undo-point.ts";
import { writeMachineNote } from "../../machine/write-machine-note.ts";
import type { FlowRequest } from "../flow-request.ts";
import { describePoint } from "./describe-point.ts";
import { findMachine } from "./find-machine.ts";
import type { Host } from "./host.ts";
import type { MachineContext } from "./machine-context.ts";
import { rotateMachine } from "./prune-machine.ts";
import { recordMachineRun } from "./record-machine-run.ts";
import { takePoint } from "./take-point.ts";

export interface MachineBackupRequest extends FlowRequest {
  /** An increment becomes a full where there is nothing to build on; the manifest says why. */
  type: "full" | "incremental";
}

/**
 * Backs up one machine: ask libvirt, plan, take all disks of one instant, describe, seal, rotate. Gives the sealed point's manifest. When
 * it throws, the machine runs as before, no job goes on, and no half point is left; what could not be undone is undone by
 * the next run.
 */
export async function backUpMachine(host: Host, name: string, request: MachineBackupRequest): Promise<PointManifest> {
  return recordMachineRun(host, request, {
    kind: "backup",
    module: name,
    made: (manifest) => idOfPoint(manifest),
    work: async (reporter, signal) => {
      const machine = findMachine(host, name);
      const { settings } = machine;
      const context = { host, machine: name, settings, libvirt: { uri: settings.uri, signal }, reporter };
      await writeMachineNote(host.vault.dir);
      await host.vault.sweepPartials(() => true);
      // A machine that is started while it is copied as one that is shut off is taken anew, as one that runs.
      const manifest =
        (await makePoint(context, request.type)) ?? (await makePoint(context, request.type)) ?? restless(name);
      await rotateMachine(host, machine, reporter, signal);
      return manifest;
    },
  });
}

async function makePoint(context: MachineContext, wanted: "full" | "incremental"): Promise<PointManifest | null> {
  const { host, machine, settings, libvirt, reporter } = context;
  const started = host.now();
  reporter.stage("discover");
  const domain = await readDomain(libvirt, settings.domain);
  const versions = await readVersions(libvirt);
  if (domain.active) await requireBackupSupport(libvirt, domain, versions);
  refuseEmpty(domain);

  reporter.stage("plan");
  const points = await host.vault.list(machine);
  const plan = planPoint({ wanted, domain, points, checkpoints: await listCheckpoints(libvirt, domain.uuid) });
  tellWarnings(reporter, [...domain.warnings, ...plan.warnings]);
  const point = await takePoint(context, domain, plan);
  if (point === null) return null;

  const manifest = await withUndo(
    async () => {
      reporter.stage("seal");
      const described = await describePoint(context, domain, versions, started, point);
      const { partial } = point;
      await sealPoint({ partial: partial.folder, folder: host.vault.folder(idOfPoint(partial)), manifest: described });
      return described;
    },
    () => undoPoint(settings.uri, settings.domain, point.partial),
  );
  await keepNewestCheckpoint(libvirt, domain, point.checkpoint, reporter);
  return manifest;
}

function refuseEmpty({ name, disks }: Domain): void {
  if (disks.length > 0) return;
  throw new Failure("config", `${name} has no disk that can be backed up`, {
    hint: `\`virsh domblklist ${name} --details\` shows what it has`,
  });
}

function tellWarnings(reporter: RunReporter, warnings: readonly Warning[]): void {
  for (const { severity, message, hint } of warnings) if (severity !== "note") reporter.warning(message, hint);
}

function restless(name: string): never {
  throw new Failure("failed", `${name} was started or stopped again and again while it was copied`, {
    hint: "start the backup again once it runs, or is shut off, for longer",
  });
}
