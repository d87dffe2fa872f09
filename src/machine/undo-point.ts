import { rm, rmdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { asFailure, errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { deleteCheckpoints } from "./checkpoints.ts";
import type { PartialPoint } from "./create-partial-point.ts";
import { checkpointName } from "./point-files.ts";
import { readDomain } from "./read-domain.ts";
import { type Libvirt, runVirsh, tryVirsh } from "./run-virsh.ts";

/** How long it may take; the run that it belongs to may have been cancelled, so that its signal is of no use. */
const limitMs = 180_000;
const lookEveryMs = 200;

/**
 * Takes a point back that was begun and not sealed: the job that writes it is ended, the checkpoint and the folder go. The changes that
 * were counted from that checkpoint on still count from the one before it.
 */
export async function undoPoint(uri: string, domainName: string, partial: PartialPoint): Promise<void> {
  const libvirt = { uri, signal: AbortSignal.timeout(limitMs) };
  const domain = await readDomain(libvirt, domainName).catch((error: unknown) => {
    if (asFailure(error).kind === "missing") return null;
    throw error;
  });
  if (domain !== null) {
    if (domain.active) await endJob(libvirt, domain.uuid, partial);
    await deleteCheckpoints(libvirt, domain, [checkpointName(partial.time)]);
  }
  try {
    await rm(partial.folder, { recursive: true, force: true });
    // The chain that it was to begin.
    await rmdir(dirname(partial.folder)).catch((thrown: unknown) => {
      if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(errorCode(thrown) ?? "")) throw thrown;
    });
  } catch (thrown) {
    throw storageFailure(`can't remove ${partial.folder}`, thrown);
  }
}

/** Ends the backup that writes to the partial folder, if one does; another one is not touched. */
async function endJob(libvirt: Libvirt, uuid: string, { machine, chain, folder }: PartialPoint): Promise<void> {
  const place = `/${machine}/${chain}/${basename(folder)}/`;
  const writes = async (): Promise<boolean> => {
    // It fails where no backup goes on.
    const { code, stdout } = await tryVirsh(libvirt, ["backup-dumpxml", uuid]);
    return code === 0 && stdout.includes(place);
  };
  if (!(await writes())) return;
  await runVirsh(libvirt, ["domjobabort", uuid]);
  while (await writes()) {
    if (libvirt.signal.aborted) throw new Failure("failed", "libvirt does not end the backup that was given up");
    await delay(lookEveryMs);
  }
}
