import { constants } from "node:fs";
import { chmod, copyFile, mkdir, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { PointDisk, PointManifest } from "../../contract/machine.ts";
import type { RunReporter } from "../../contract/run-event.ts";
import { placeFile, requireFree } from "../../durable/place-file.ts";
import { errorCode, Failure, withUndo } from "../../failure/failure.ts";
import { storageFailure } from "../../failure/storage-failure.ts";
import { convertDisk } from "../../machine/convert-disk.ts";
import { unfinishedPath, whileUnfinished } from "../../machine/open-unfinished-files.ts";
import { verifyChain } from "../../machine/verify-chain.ts";
import type { FlowRequest } from "../flow-request.ts";
import { requireSpace } from "../require-space.ts";
import type { Host } from "./host.ts";
import { placeChain } from "./place-chain.ts";
import { recordMachineRun } from "./record-machine-run.ts";

export interface PointRestoreRequest extends FlowRequest {
  /** A folder, which is made; each disk is put there as `vda.qcow2`, with domain.xml and what else there is of the machine. */
  to: string;
  /** Only these disks, and nothing besides them. */
  disks?: readonly string[];
  /** Whether the chain is read and compared before: a damaged point is refused. */
  verify?: boolean;
}

export interface PointRestoreResult {
  point: string;
  /** Absolute. */
  files: string[];
}

export interface RestoreWork {
  host: Host;
  id: string;
  machine: string;
  reporter: RunReporter;
  signal: AbortSignal;
}

/**
 * Writes the disks of a point to qcow2 files that stand alone. Nothing is overwritten, and no file has its name before it is whole;
 * when it throws, nothing of it is left.
 */
export async function restorePoint(
  host: Host,
  name: string,
  request: PointRestoreRequest,
): Promise<PointRestoreResult> {
  const { id, machine } = await host.vault.resolve(name);
  const to = resolve(request.to);
  return recordMachineRun(host, request, {
    kind: "restore",
    module: machine,
    backup: id,
    work: async (reporter, signal) => {
      const work = { host, id, machine, reporter, signal };
      const manifest = await checkedManifest(work, request.verify ?? true);
      const disks = chosen(manifest, request.disks);
      const wanted = disks.map((disk) => ({ disk, file: join(to, disk.file) }));
      const documents = request.disks === undefined ? manifest.documents.map(({ file }) => file) : [];
      await requireFree(...wanted.map(({ file }) => file), ...documents.map((file) => join(to, file)));
      await makeFolder(to);
      await writeDisks(work, wanted);
      const files = wanted.map(({ file }) => file);
      return withUndo(
        async () => {
          for (const file of documents) {
            await copyDocument(host.vault.folder(id), file, join(to, file));
            files.push(join(to, file));
          }
          return { point: id, files };
        },
        async () => {
          for (const file of files) await rm(file, { force: true });
        },
      );
    },
  });
}

/** The point's manifest, once all that it consists of was found sound, if that is wanted. Throws `damaged` where it is not. */
export async function checkedManifest(work: RestoreWork, verify: boolean): Promise<PointManifest> {
  const { host, id, reporter, signal } = work;
  const [...points] = await placeChain(host, id);
  const manifest = points.at(-1)?.point.manifest;
  if (manifest == null) throw new Failure("damaged", `${id} has no manifest that can be read`);
  if (!verify) return manifest;
  reporter.stage("verify");
  await verifyChain({ points, signal, onProgress: (now) => reporter.progress(now) });
  return manifest;
}

/** Writes disks of a point to the files given, all or none of which are there afterwards. */
export async function writeDisks(
  { host, id, machine, reporter, signal }: RestoreWork,
  wanted: readonly { disk: PointDisk; file: string; format?: "qcow2" | "raw" }[],
): Promise<void> {
  reporter.stage("copy");
  const totalBytes = wanted.reduce((sum, { disk }) => sum + disk.virtualBytes, 0);
  for (const folder of new Set(wanted.map(({ file }) => dirname(file))))
    // A disk takes what its guest has written, which nobody knows before; at most all that it could.
    await requireSpace(
      folder,
      { bytes: totalBytes, least: 0 },
      reporter,
      "free some space, or restore to another folder",
    );
  const temporary = wanted.map(({ file }) => unfinishedPath(file));
  const placed: string[] = [];
  let done = 0;
  await whileUnfinished(host.unfinished, machine, temporary, async () => {
    for (const [index, { disk, format = "qcow2" }] of wanted.entries()) {
      await convertDisk({
        from: join(host.vault.folder(id), disk.file),
        to: temporary[index] ?? "",
        format,
        signal,
        onProgress: (share) => {
          const bytes = Math.round(done + share * disk.virtualBytes);
          reporter.progress({ entries: index, bytes, totalEntries: wanted.length, totalBytes });
        },
      });
      done += disk.virtualBytes;
    }
    for (const [index, { file }] of wanted.entries()) {
      await placeFile(temporary[index] ?? "", file).catch(async (thrown: unknown) => {
        for (const one of placed) await rm(one, { force: true });
        throw thrown;
      });
      placed.push(file);
    }
  });
}

function chosen(manifest: PointManifest, names: readonly string[] | undefined): PointDisk[] {
  if (names === undefined) return manifest.disks;
  return names.map((name) => {
    const found = manifest.disks.find(({ target }) => target === name);
    if (found !== undefined) return found;
    throw new Failure("missing", `the point has no disk ${name}`, {
      hint: `it has ${manifest.disks.map(({ target }) => target).join(", ")}`,
    });
  });
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o711 });
  } catch (thrown) {
    throw storageFailure(`can't make ${folder}`, thrown);
  }
}

/** Copies a document of a point; a `usage` Failure where its name is taken. */
export async function copyDocument(from: string, name: string, to: string): Promise<void> {
  try {
    await copyFile(join(from, name), to, constants.COPYFILE_EXCL);
    await chmod(to, 0o600);
  } catch (thrown) {
    if (errorCode(thrown) === "EEXIST") await requireFree(to);
    throw storageFailure(`can't write ${to}`, thrown);
  }
}
