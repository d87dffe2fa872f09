import { join } from "node:path";
import { type PointDisk, pointFormatVersion, type PointManifest } from "../../contract/machine.ts";
import { hashFile } from "../../machine/hash-file.ts";
import type { Versions } from "../../machine/probe-libvirt.ts";
import type { Domain } from "../../machine/read-domain.ts";
import { saveDocuments } from "../../machine/save-documents.ts";
import type { MachineContext } from "./machine-context.ts";
import type { TakenPoint } from "./take-point.ts";

/** Saves what a machine is besides its disks beside them, reads all files once, and gives the point's manifest. */
export async function describePoint(
  { host, machine, settings, libvirt, reporter }: MachineContext,
  domain: Domain,
  versions: Versions,
  started: Date,
  point: TakenPoint,
): Promise<PointManifest> {
  const { partial, plan } = point;
  const saved = await saveDocuments(settings.uri, domain, partial.folder);
  let read = 0;
  const hash = async (file: string): Promise<{ bytes: number; sha256: string }> =>
    hashFile(join(partial.folder, file), libvirt.signal, (bytes) => {
      read += bytes;
      reporter.progress({ entries: 0, bytes: read, totalEntries: null, totalBytes: null });
    });
  const disks: PointDisk[] = [];
  for (const { target, file, type, backing, virtualBytes, format, reason } of plan.disks)
    disks.push({ target, file, type, backing, virtualBytes, ...(await hash(file)), sourceFormat: format, reason });
  const documents = [];
  for (const file of saved.files) documents.push({ file, ...(await hash(file)) });
  return {
    format: pointFormatVersion,
    kind: "machine",
    machine,
    domain: domain.name,
    uuid: domain.uuid,
    chain: partial.chain,
    time: partial.time,
    type: plan.type,
    parent: plan.parent?.time ?? null,
    checkpoint: point.checkpoint,
    davit: host.version,
    host: host.host,
    versions,
    started: started.toISOString(),
    taken: point.taken.toISOString(),
    sealed: host.now().toISOString(),
    quiesce: { wanted: settings.quiesce, used: point.used, ms: point.ms },
    fallback: plan.fallback,
    disks,
    documents,
    warnings: [...domain.warnings, ...plan.warnings, ...saved.warnings],
  };
}
