import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { RunReporter } from "../contract/run-event.ts";
import { asFailure, Failure, withCleanup } from "../failure/failure.ts";
import { checkpointXml, redefinedXml } from "./backup-xml.ts";
import { listCheckpoints } from "./checkpoints.ts";
import { domainState } from "./domain-state.ts";
import { isLocal } from "./is-local.ts";
import type { PlannedDisk, PointPlan } from "./plan-point.ts";
import type { Domain } from "./read-domain.ts";
import { runQemuImg } from "./run-qemu-img.ts";
import { type Libvirt, runVirsh } from "./run-virsh.ts";

export interface CopyOrder {
  libvirt: Libvirt;
  domain: Domain;
  plan: PointPlan;
  /** The point's partial folder. */
  folder: string;
  /** What its checkpoint is to be called. */
  checkpoint: string;
  compress: boolean;
  reporter: Pick<RunReporter, "warning">;
}

/** A disk of many TiB takes its time; what hangs for two days hangs. */
const limitMs = 48 * 3_600_000;
const lookEveryMs = 1000;

/**
 * Copies the disks of a machine that is shut off, or what differs from the parent's; gives the checkpoint from which the next increment
 * counts. Null where the machine was started, or its disks written to, meanwhile: nothing keeps it from that, and the copy is
 * worth nothing then.
 */
export async function copyShutOff(order: CopyOrder): Promise<{ taken: Date; checkpoint: string | null } | null> {
  const { libvirt, domain, plan } = order;
  if (!isLocal(libvirt.uri))
    throw new Failure("config", "a machine that is shut off can only be backed up on its own host", {
      hint: "start it before its backup, or run Davit's agent on that host",
    });
  const taken = new Date();
  // First, so that whatever is written from now on is counted.
  const tracked = plan.disks.filter((disk) => disk.untracked === null);
  for (const { source, format } of domain.persistent ? tracked : [])
    await runQemuImg(["bitmap", "--add", "-g", "65536", "-f", format, "--", source, order.checkpoint], libvirt);

  const before = await stamps(plan.disks);
  const untouched = await unlessStarted(libvirt, domain, async (signal) => {
    for (const disk of plan.disks) await copyDisk(order, disk, signal);
  });
  const checkpoint = await defineCheckpoint(order, taken);
  if (!untouched || before !== (await stamps(plan.disks))) return null;
  return { taken, checkpoint };
}

async function copyDisk({ folder, compress }: CopyOrder, disk: PlannedDisk, signal: AbortSignal): Promise<void> {
  const { source, format, file, backing, virtualBytes } = disk;
  const limits = { folder, timeoutMs: limitMs, signal };
  // All of them let the machine be started meanwhile (-U).
  if (backing === null) {
    const packed = compress ? ["-c", "-o", "compression_type=zstd"] : [];
    const words = ["convert", "-U", "-m", "4", "-W", "-f", format, "-O", "qcow2", ...packed, "--", source, file];
    await runQemuImg(words, limits);
    return;
  }
  // An empty overlay over the disk, moved onto the parent: what differs is copied into it.
  const empty = ["create", "-q", "-u", "-f", "qcow2", "-b", source, "-F", format, "--", file, String(virtualBytes)];
  await runQemuImg(empty, limits);
  await runQemuImg(["rebase", "-q", "-U", "-f", "qcow2", "-b", backing, "-F", "qcow2", "--", file], limits);
}

/** Does `work`, which is ended where the machine is started meanwhile; whether it was not. */
async function unlessStarted(
  libvirt: Libvirt,
  { uuid }: Domain,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const started = new AbortController();
  const over = new AbortController();
  const isOff = async (): Promise<boolean> => (await domainState(libvirt, uuid))?.state === "shut off";
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      if (!(await isOff().catch(() => true))) started.abort();
      await delay(lookEveryMs, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const watching = watch();
  return withCleanup(
    async () => {
      try {
        await work(AbortSignal.any([libvirt.signal, started.signal]));
      } catch (error) {
        if (!started.signal.aborted || libvirt.signal.aborted) throw error;
      }
      return !started.signal.aborted && (await isOff());
    },
    async () => {
      over.abort();
      await watching;
    },
  );
}

/** Tells libvirt of the bitmaps. Where it will not have them, the next backup is a full, and that is told. */
async function defineCheckpoint(order: CopyOrder, taken: Date): Promise<string | null> {
  const { libvirt, domain, plan, folder, checkpoint, reporter } = order;
  const others = domain.element.devices.disk
    .map((disk) => disk.target["@dev"])
    .filter((target) => !plan.disks.some((disk) => disk.target === target));
  const xml = domain.persistent ? checkpointXml(plan, checkpoint, others) : null;
  if (xml === null) return null;
  const file = join(folder, "checkpoint.xml");
  try {
    const [parent = null] = (await listCheckpoints(libvirt, domain.uuid)).toReversed();
    await writeFile(file, redefinedXml(xml, domain.xml, parent, taken), { mode: 0o600 });
    await runVirsh(libvirt, ["checkpoint-create", domain.uuid, file, "--redefine"]);
    return checkpoint;
  } catch (error) {
    libvirt.signal.throwIfAborted();
    reporter.warning(`libvirt keeps no checkpoint, so the next backup is a full: ${asFailure(error).message}`);
    return null;
  }
}

/** Tells whether any of the disks' files was written to. */
async function stamps(disks: readonly PlannedDisk[]): Promise<string> {
  const all = await Promise.all(disks.map(({ source }) => stat(source, { bigint: true })));
  return all.map(({ size, mtimeNs }) => `${size} ${mtimeNs}`).join("\n");
}
