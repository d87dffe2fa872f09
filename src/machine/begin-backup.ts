import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { storageFailure } from "../failure/storage-failure.ts";
import { atRest, type RestOrder, type RestRecord } from "./at-rest.ts";
import { backupXml, checkpointXml } from "./backup-xml.ts";
import type { PointPlan } from "./plan-point.ts";
import type { Domain } from "./read-domain.ts";
import { diskFailure, runQemuImg } from "./run-qemu-img.ts";
import { type Libvirt, tryVirsh, virshFailure, virshWords } from "./run-virsh.ts";

export interface PrepareOrder {
  libvirt: Libvirt;
  domain: Domain;
  plan: PointPlan;
  /** The point's partial folder. */
  folder: string;
  /** What its checkpoint is to be called. */
  checkpoint: string;
}

/** A backup for which all is ready but the command that begins it. */
export interface PreparedBackup {
  plan: PointPlan;
  folder: string;
  command: string;
  checkpoint: string | null;
}

/** A backup that QEMU has begun; the machine runs again. */
export interface BegunBackup {
  /** The instant that the disks are of. */
  taken: Date;
  rest: Omit<RestRecord, "result" | "at">;
  checkpoint: string | null;
}

const backupFile = "backup.xml";
const checkpointFile = "checkpoint.xml";

/** Makes the files that QEMU will write to, and writes down what libvirt is to be told; the machine notices nothing. */
export async function prepareBackup(order: PrepareOrder): Promise<PreparedBackup> {
  const { libvirt, domain, plan, folder } = order;
  for (const disk of plan.disks) {
    // Made here and not by libvirt, whose own would name the live disk as backing file. A size other than the disk's crashes it.
    const backing = disk.backing === null ? [] : ["-b", disk.backing, "-F", "qcow2"];
    const words = ["create", "-q", "-f", "qcow2", ...backing, "--", disk.file, String(disk.virtualBytes)];
    await runQemuImg(words, { folder, signal: libvirt.signal });
    await chmod(join(folder, disk.file), 0o600);
  }
  const others = domain.element.devices.disk
    .map((disk) => disk.target["@dev"])
    .filter((target) => !plan.disks.some((disk) => disk.target === target));
  // A domain that libvirt does not keep can have no checkpoints.
  const checkpoint = domain.persistent ? checkpointXml(plan, order.checkpoint, others) : null;
  await write(join(folder, backupFile), backupXml(plan, folder, others));
  if (checkpoint !== null) await write(join(folder, checkpointFile), checkpoint);
  // Else the figures of an earlier job could be taken for those of this one.
  await tryVirsh(libvirt, ["domjobinfo", domain.uuid, "--completed"]);
  const files = checkpoint === null ? backupFile : `${backupFile} ${checkpointFile}`;
  return {
    plan,
    folder,
    command: `backup-begin ${domain.uuid} ${files} --reuse-external`,
    checkpoint: checkpoint === null ? null : order.checkpoint,
  };
}

/**
 * Has libvirt begin the backup of a machine that runs: all disks in one instant, with a checkpoint from which the next increment
 * counts. Gives what was said instead where libvirt does not have the changes since the last one (any more): a full is needed then.
 */
export async function beginBackup(
  order: RestOrder,
  { plan, folder, command, checkpoint }: PreparedBackup,
): Promise<BegunBackup | { refused: string }> {
  const { result, at, ...rest } = await atRest(order, command, folder);
  for (const file of [backupFile, checkpointFile]) await rm(join(folder, file), { force: true });
  if (/^Backup started$/mu.test(result.stdout)) return { taken: at, rest, checkpoint };

  const words = virshWords(result.stderr);
  if (plan.type === "incremental" && lostTrack.test(words)) return { refused: words };
  const failure = virshFailure(order.libvirt.uri, "the backup could not begin", result);
  throw failure.kind === "failed" ? diskFailure("the backup could not begin", words) : failure;
}

/** What libvirt says where it can't tell what has changed since a checkpoint. */
const lostTrack =
  /bitmap|not found in backing chain|no domain checkpoint|checkpoint .*(not found|doesn't exist|missing)|incremental/iu;

async function write(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content, { mode: 0o600, flush: true });
  } catch (thrown) {
    throw storageFailure(`can't write ${file}`, thrown);
  }
}
