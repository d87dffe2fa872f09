import type { RestKind } from "../../contract/machine.ts";
import { Failure, withUndo } from "../../failure/failure.ts";
import { beginBackup, prepareBackup } from "../../machine/begin-backup.ts";
import { copyShutOff } from "../../machine/copy-shut-off.ts";
import type { PartialPoint } from "../../machine/create-partial-point.ts";
import { followJob } from "../../machine/follow-job.ts";
import { packDisks } from "../../machine/pack-disks.ts";
import { fullPlan, type PointPlan } from "../../machine/plan-point.ts";
import { checkpointName } from "../../machine/point-files.ts";
import type { Domain } from "../../machine/read-domain.ts";
import { undoPoint } from "../../machine/undo-point.ts";
import type { MachineContext } from "./machine-context.ts";
import { requirePointSpace } from "./require-point-space.ts";
import { whileGuestHeld } from "./while-guest-held.ts";

/** The disks of a machine as of one instant, in a folder that isn't sealed yet. */
export interface TakenPoint {
  partial: PartialPoint;
  plan: PointPlan;
  taken: Date;
  checkpoint: string | null;
  /** How the machine was brought to rest, and how long the guest stood still. */
  used: RestKind[];
  ms: number | null;
}

/**
 * Takes all disks of a machine in one instant; where libvirt does not have the changes since the parent, as a full. When it throws, or
 * gives null since a machine that was shut off has been started, the point is undone.
 */
export async function takePoint(context: MachineContext, domain: Domain, plan: PointPlan): Promise<TakenPoint | null> {
  const { host, machine, settings, libvirt, reporter } = context;
  await requirePointSpace(host, plan);
  const partial = await host.vault.createPartial({ machine, time: host.now(), parent: plan.parent });
  const undo = async (): Promise<void> => undoPoint(settings.uri, settings.domain, partial);
  const order = { ...context, domain, plan, folder: partial.folder, checkpoint: checkpointName(partial.time) };
  const { compress } = settings;

  if (!domain.active) {
    return withUndo(async () => {
      reporter.stage("copy");
      const copied = await copyShutOff({ ...order, compress });
      if (copied === null) {
        await undo();
        return null;
      }
      const unpacked = plan.disks.filter((disk) => disk.type === "incremental");
      if (compress) await packDisks(partial.folder, unpacked, reporter, libvirt.signal);
      return { ...copied, partial, plan, used: ["off"], ms: null };
    }, undo);
  }

  const begun = await withUndo(async () => {
    const prepared = await prepareBackup(order);
    reporter.stage("hold");
    const { result, held } = await whileGuestHeld(context, () =>
      beginBackup({ ...context, domain, quiesce: settings.quiesce, stillness: host.stillness }, prepared),
    );
    if ("refused" in result) {
      await undo();
      return result;
    }
    reporter.stage("copy");
    await followJob(libvirt, domain.uuid, reporter);
    if (compress) await packDisks(partial.folder, plan.disks, reporter, libvirt.signal);
    const { rest, ...more } = result;
    return { ...more, partial, plan, used: [...(held ? (["hold"] as const) : []), ...rest.used], ms: rest.ms };
  }, undo);
  if (!("refused" in begun)) return begun;
  if (plan.type === "full") throw new Failure("failed", begun.refused);
  reporter.warning(`a full is made instead of an increment: ${begun.refused}`);
  return takePoint(context, domain, fullPlan(domain, begun.refused));
}
