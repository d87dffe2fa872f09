import { mkdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PointManifest } from "../../contract/machine.ts";
import { errorCode, Failure, withCleanup } from "../../failure/failure.ts";
import { storageFailure } from "../../failure/storage-failure.ts";
import { convertDisk } from "../../machine/convert-disk.ts";
import { planDiskSwaps } from "../../machine/disk-swaps.ts";
import { type DiskPlace, findDiskPlaces } from "../../machine/find-disk-places.ts";
import { isLocal } from "../../machine/is-local.ts";
import type { DiskSwap } from "../../machine/open-disk-restore-journal.ts";
import { parseDomain } from "../../machine/parse-domain.ts";
import { domainFile } from "../../machine/point-files.ts";
import { type FoundDomain, findDomain } from "../../machine/find-domain.ts";
import type { FlowRequest } from "../flow-request.ts";
import { requireSpace } from "../require-space.ts";
import { exchangeDisks, healDiskRestore } from "./exchange-disks.ts";
import { findMachine } from "./find-machine.ts";
import type { Host } from "./host.ts";
import { recordMachineRun } from "./record-machine-run.ts";
import { checkedManifest, copyDocument, type RestoreWork } from "./restore-point.ts";

export interface InPlaceRequest extends FlowRequest {
  /** Only these disks; all of the point's, and its NVRAM, unless given. */
  disks?: readonly string[];
  /** Whether a machine that runs is asked to shut down, and started again afterwards; else it is refused (`busy`). */
  shutDown?: boolean;
  verify?: boolean;
}

export interface InPlaceResult {
  point: string;
  /** The machine's files that were exchanged. */
  files: string[];
  /** Where the old ones are kept. */
  keptAside: string[];
}

/**
 * Puts the disks of a point back where the machine has them: written beside what is there while it may still run, then exchanged by name
 * while it is shut off. The old disks are kept aside. A machine that libvirt does not know any more is defined as it was. When it throws,
 * or is cut off and healed, the old disks are in their places, and what ran runs.
 */
export async function restoreInPlace(host: Host, name: string, request: InPlaceRequest): Promise<InPlaceResult> {
  const { id, machine } = await host.vault.resolve(name);
  const { settings } = findMachine(host, machine);
  if (!isLocal(settings.uri))
    throw new Failure("usage", `${machine} runs on another host (${settings.uri}), and its disks are not here`, {
      hint: "restore the point to a folder with --to, and copy the disks there by hand",
    });
  return recordMachineRun(host, request, {
    kind: "restore",
    module: machine,
    backup: id,
    work: async (reporter, signal) => {
      reporter.stage("plan");
      const work = { host, id, machine, reporter, signal };
      const libvirt = { uri: settings.uri, signal };
      const domain = await findDomain(libvirt, settings.domain);
      if (domain !== null) requireAtRest(machine, domain, request.shutDown ?? false);
      const manifest = await checkedManifest(work, request.verify ?? true);
      const saved = await readFile(join(host.vault.folder(id), domainFile), "utf8");
      const places = await resolved(findDiskPlaces(domain?.xml ?? saved, manifest, request.disks));
      const swaps = await planDiskSwaps(
        places.map(({ file }) => file),
        host.now(),
      );
      const entry = {
        format: 1 as const,
        module: machine,
        backup: id,
        at: host.now().toISOString(),
        uri: settings.uri,
        uuid: domain?.uuid ?? parseDomain(saved).uuid,
        phase: "make" as const,
        start: domain?.active ?? false,
        defined: domain === null,
        swaps,
      };
      // What is cut off while it still runs finds nothing to start.
      await host.diskRestores.write({ ...entry, start: false });
      return withCleanup(
        async () => {
          await makeIncoming(work, manifest, places, swaps);
          await host.diskRestores.write(entry);
          await exchangeDisks({ host, libvirt, entry, define: domain === null ? saved : null, reporter });
          const keptAside = swaps.flatMap(({ aside }) => aside ?? []);
          return { point: id, files: places.map(({ file }) => file), keptAside };
        },
        async () => {
          await healDiskRestore(host, machine, reporter);
        },
      );
    },
  });
}

/** Throws `busy` for a machine whose disks can't be exchanged now. */
export function requireAtRest(machine: string, domain: FoundDomain, shutsDown: boolean): void {
  if (domain.asleep)
    throw new Failure("busy", `${machine} is asleep (managed save): its memory belongs to the disks that it has`, {
      hint: `start it and shut it down, or drop its memory with \`virsh managedsave-remove ${domain.uuid}\``,
    });
  if (domain.active && !shutsDown)
    throw new Failure("busy", `${machine} runs: its disks can be exchanged only while it is shut off`, {
      hint: "shut it down, or have that done with --shut-down",
    });
}

/** Writes what comes in beside each file. */
async function makeIncoming(
  { host, id, reporter, signal }: RestoreWork,
  manifest: PointManifest,
  places: readonly DiskPlace[],
  swaps: readonly DiskSwap[],
): Promise<void> {
  reporter.stage("copy");
  const sizes = places.map(({ target }) => manifest.disks.find((disk) => disk.target === target)?.virtualBytes ?? 0);
  const totalBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  for (const folder of new Set(places.map(({ file }) => dirname(file)))) {
    await requireSpace(
      folder,
      { bytes: totalBytes, least: 0 },
      reporter,
      "free some space there: the old disks are kept",
    );
    await mkdir(folder, { recursive: true, mode: 0o711 }).catch((thrown: unknown) => {
      throw storageFailure(`can't make ${folder}`, thrown);
    });
  }
  let done = 0;
  for (const [index, { from, target, format }] of places.entries()) {
    const to = swaps[index]?.incoming ?? "";
    const bytes = sizes[index] ?? 0;
    const folder = host.vault.folder(id);
    if (target === null) await copyDocument(folder, from, to);
    else
      await convertDisk({
        from: join(folder, from),
        to,
        format,
        signal,
        onProgress: (share) =>
          reporter.progress({
            entries: index,
            bytes: Math.round(done + share * bytes),
            totalEntries: places.length,
            totalBytes,
          }),
      });
    done += bytes;
  }
}

/** A link stays what it is: what it points to is exchanged. */
async function resolved(places: readonly DiskPlace[]): Promise<DiskPlace[]> {
  return Promise.all(
    places.map(async (place) => {
      try {
        return { ...place, file: await realpath(place.file) };
      } catch (thrown) {
        if (errorCode(thrown) === "ENOENT") return place;
        throw storageFailure(`can't read ${place.file}`, thrown);
      }
    }),
  );
}
