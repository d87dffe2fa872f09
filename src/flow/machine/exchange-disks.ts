import type { RunReporter } from "../../contract/run-event.ts";
import { asFailure, Failure } from "../../failure/failure.ts";
import { deleteCheckpoints, listCheckpoints } from "../../machine/checkpoints.ts";
import { defineDomain, undefineDomain } from "../../machine/define-domain.ts";
import { removeIncoming, swapBack, swapIn } from "../../machine/disk-swaps.ts";
import { domainState } from "../../machine/domain-state.ts";
import type { DiskRestoreEntry } from "../../machine/open-disk-restore-journal.ts";
import { isOwnCheckpoint } from "../../machine/point-files.ts";
import { type Libvirt, runVirsh } from "../../machine/run-virsh.ts";
import { isActive, shutDown } from "../../machine/shut-down.ts";
import type { Host } from "./host.ts";

export interface DiskExchange {
  host: Host;
  libvirt: Libvirt;
  entry: DiskRestoreEntry;
  /** Of a machine that libvirt does not know; null for one that it does. */
  define: string | null;
  reporter: RunReporter;
}

/** How long a machine has to shut itself down. */
const shutDownMs = 180_000;

/**
 * Shuts a machine down where it runs and that was asked for, and exchanges its files. What was written down is finished, or rolled back, by
 * `healDiskRestore`, which the caller has to call in any case.
 */
export async function exchangeDisks({ host, libvirt, entry, define, reporter }: DiskExchange): Promise<void> {
  const { uuid, swaps } = entry;
  if (entry.start) {
    reporter.stage("stop");
    await shutDown(libvirt, uuid, shutDownMs);
  }
  libvirt.signal.throwIfAborted();
  reporter.stage("exchange");
  await host.diskRestores.write({ ...entry, phase: "swap" });
  await swapIn(swaps);
  if (define !== null) await defineDomain(libvirt, define);
  // Whoever started it meanwhile has the old files open, and goes on with them once they are back.
  const now = await domainState(libvirt, uuid);
  if (now !== null && isActive(now.state))
    throw new Failure("busy", "the machine was started while its disks were exchanged", {
      hint: "its old disks are back; shut it down and try again",
    });
  await host.diskRestores.write({ ...entry, phase: "done" });
  await forgetCheckpoints(libvirt, uuid, reporter);
}

/** What libvirt knows of the old disks' changes says nothing about the new ones; the next backup is a full. */
async function forgetCheckpoints(libvirt: Libvirt, uuid: string, reporter: RunReporter): Promise<void> {
  try {
    const own = (await listCheckpoints(libvirt, uuid)).filter(isOwnCheckpoint);
    await deleteCheckpoints(libvirt, { uuid, active: false, disks: [] }, own);
  } catch (error) {
    const { message } = asFailure(error);
    reporter.warning(`the checkpoints of the old disks could not be removed: ${message}`, "the next backup does that");
  }
}

/** Nobody may cancel what puts a machine right. */
const healMs = 120_000;

/**
 * Ends the machine's unfinished restore in place: one whose names were all changed is finished, any other is rolled back, so that the old
 * disks stand in their places again; what was shut down for it is started. Gives the point whose restore was rolled back, or null. Only
 * for who has the machine's lock.
 */
export async function healDiskRestore(
  host: Host,
  machine: string,
  reporter: Pick<RunReporter, "warning">,
): Promise<string | null> {
  const { diskRestores } = host;
  const left = await diskRestores.unfinished(machine);
  if (left === null) return null;
  const libvirt = { uri: left.uri, signal: AbortSignal.timeout(healMs) };
  if (left.phase === "swap") {
    await swapBack(left.swaps);
    if (left.defined) await undefineDomain(libvirt, left.uuid);
    // From here on only what was made goes, and whoever heals again after a cut-off must not exchange anything.
    await diskRestores.write({ ...left, phase: "make" });
  }
  await removeIncoming(left.phase === "done" ? [] : left.swaps);
  if (left.start) await startAgain(libvirt, left.uuid, machine, reporter);
  if (left.phase === "done") {
    await diskRestores.finish(left);
    return null;
  }
  await diskRestores.discard(machine);
  return left.backup;
}

async function startAgain(
  libvirt: Libvirt,
  uuid: string,
  machine: string,
  reporter: Pick<RunReporter, "warning">,
): Promise<void> {
  try {
    const now = await domainState(libvirt, uuid);
    if (now !== null && !isActive(now.state)) await runVirsh(libvirt, ["start", uuid]);
  } catch (error) {
    const { message, hint } = asFailure(error);
    reporter.warning(`${machine} could not be started again: ${message}`, hint ?? `\`virsh start ${uuid}\``);
  }
}
