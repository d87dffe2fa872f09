import type { RunReporter } from "../contract/run-event.ts";
import { asFailure } from "../failure/failure.ts";
import { isOwnCheckpoint } from "./point-files.ts";
import type { Domain } from "./read-domain.ts";
import { runQemuImg } from "./run-qemu-img.ts";
import { type Libvirt, runVirsh, tryVirsh, virshFailure } from "./run-virsh.ts";

/** The names of the checkpoints that libvirt has of a domain. */
export async function listCheckpoints(libvirt: Libvirt, uuid: string): Promise<string[]> {
  const text = await runVirsh(libvirt, ["checkpoint-list", uuid, "--name", "--topological"]);
  return text.split("\n").filter((line) => line !== "");
}

/**
 * Removes checkpoints, with their bitmaps where that can be done; where a bitmap is gone or broken, libvirt's note of it
 * alone. Those that aren't there are no failure.
 */
export async function deleteCheckpoints(
  libvirt: Libvirt,
  domain: Pick<Domain, "uuid" | "active" | "disks">,
  names: readonly string[],
): Promise<void> {
  const there = new Set(await listCheckpoints(libvirt, domain.uuid));
  for (const name of names.filter((one) => there.has(one))) {
    if (domain.active) {
      const whole = await tryVirsh(libvirt, ["checkpoint-delete", domain.uuid, name]);
      if (whole.code === 0) continue;
    } else {
      // libvirt removes no bitmaps of a machine that is off.
      await removeBitmaps(libvirt, domain, name);
    }
    const alone = await tryVirsh(libvirt, ["checkpoint-delete", domain.uuid, name, "--metadata"]);
    if (alone.code !== 0) throw virshFailure(libvirt.uri, `the checkpoint ${name} could not be removed`, alone);
  }
}

/** Removes the bitmap of that name from the disks of a machine that is off. */
async function removeBitmaps(libvirt: Libvirt, { disks }: Pick<Domain, "disks">, name: string): Promise<void> {
  for (const { source, format } of disks.filter((disk) => disk.format === "qcow2")) {
    // One that isn't there is as good, and one that can't be removed does no harm.
    await runQemuImg(["bitmap", "--remove", "-f", format, "--", source, name], { signal: libvirt.signal }).catch(
      () => undefined,
    );
  }
}

/**
 * Removes Davit's checkpoints but the one that the next increment counts from: each costs memory and time as long as the machine
 * runs. What can't be removed is told, and tried again after the next backup.
 */
export async function keepNewestCheckpoint(
  libvirt: Libvirt,
  domain: Pick<Domain, "uuid" | "active" | "disks">,
  newest: string | null,
  reporter: Pick<RunReporter, "warning">,
): Promise<void> {
  try {
    const there = await listCheckpoints(libvirt, domain.uuid);
    const old = there.filter((name) => isOwnCheckpoint(name) && name !== newest);
    await deleteCheckpoints(libvirt, domain, old);
  } catch (error) {
    const { message, hint } = asFailure(error);
    reporter.warning(message, hint);
  }
}
