import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { PointManifest, PointSummary } from "../contract/machine.ts";
import type { Progress } from "../contract/run-event.ts";
import { asFailure, errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { manifestFile, sumsFile } from "../format/file-names.ts";
import { readChecksums } from "../format/read-checksums.ts";
import { hashFile } from "./hash-file.ts";
import { diskFile } from "./point-files.ts";
import { imageInfo, runQemuImg } from "./run-qemu-img.ts";

/** A point of a chain, and where it lies. */
export interface PlacedPoint {
  point: PointSummary;
  folder: string;
}

export interface ChainOrder {
  /** The point that is asked about comes last, after those that it builds on. */
  points: readonly PlacedPoint[];
  signal: AbortSignal;
  /** Awaited before more is read. */
  pace?: (bytes: number) => Promise<void>;
  onProgress?: (now: Progress) => void;
  /** Told of each point that is sound, the oldest first. */
  onSound?: (id: string) => Promise<void>;
}

export interface ChainResult {
  /** Files that were read and compared, and their bytes. */
  files: number;
  bytes: number;
}

const hint =
  "restore a point of another chain, and begin a new one with a full; the disk that holds this one may be failing";
const checkLimitMs = 24 * 3_600_000;

/**
 * Reads a point and all that it builds on again: each file's SHA-256 against SHA256SUMS and the manifest, each disk's structure
 * (`qemu-img check`), and that each builds on the file that it should, in the same chain, and on no other. Throws `damaged`,
 * naming point and file; what could not be read at all is a `storage` Failure.
 */
export async function verifyChain(order: ChainOrder): Promise<ChainResult> {
  const { points, signal, pace, onProgress, onSound } = order;
  const total = points.reduce((sum, { point }) => sum + bytesOf(point), 0);
  let files = 0;
  let bytes = 0;
  const compare = async (placed: PlacedPoint, file: string, expected: string): Promise<void> => {
    await requireFile(placed, file);
    const { sha256 } = await hashFile(join(placed.folder, file), signal, async (more) => {
      bytes += more;
      onProgress?.({ entries: files, bytes, totalEntries: null, totalBytes: total });
      await pace?.(more);
    });
    if (sha256 !== expected) throw damaged(placed, `${file} does not match its checksum: its content has changed`);
    files += 1;
  };
  for (const [index, placed] of points.entries()) {
    const sums = await readSums(placed);
    // Before it is believed, the manifest itself is compared.
    await compare(placed, manifestFile, sumOf(placed, manifestFile, sums));
    const manifest = manifestOf(placed);
    requireParent(placed, points[index - 1]);
    for (const { file, sha256 } of [...manifest.disks, ...manifest.documents])
      if (sumOf(placed, file, sums) !== sha256)
        throw damaged(placed, `${manifestFile} and ${sumsFile} disagree on ${file}`);
    for (const [file, sum] of sums) if (file !== manifestFile) await compare(placed, file, sum);
    await checkDisks(placed, points[index - 1], signal);
    await onSound?.(placed.point.id);
  }
  return { files, bytes };
}

/**
 * Looks whether each disk of a point builds on the file that it should, in the same chain, and on no other, without reading what is in
 * them: QEMU opens what their headers name. Throws `damaged`.
 */
export async function checkStructure(points: readonly PlacedPoint[], signal: AbortSignal): Promise<void> {
  for (const [index, placed] of points.entries()) {
    requireParent(placed, points[index - 1]);
    await checkDisks(placed, points[index - 1], signal);
  }
}

function bytesOf({ manifest }: PointSummary): number {
  return [...(manifest?.disks ?? []), ...(manifest?.documents ?? [])].reduce((sum, file) => sum + file.bytes, 0);
}

function manifestOf(placed: PlacedPoint): PointManifest {
  const { manifest, problem } = placed.point;
  if (manifest === null) throw damaged(placed, problem ?? `${manifestFile} is missing`);
  return manifest;
}

function requireParent(placed: PlacedPoint, parent: PlacedPoint | undefined): void {
  const { parent: time, machine, chain } = manifestOf(placed);
  const { point } = placed;
  if (machine !== point.machine || chain !== point.chain || manifestOf(placed).time !== point.time)
    throw damaged(placed, `${manifestFile} is that of another point: the folder was renamed`);
  if (time !== (parent?.point.time ?? null))
    throw damaged(placed, `it builds on ${time ?? "nothing"}, which is missing`);
}

async function readSums(placed: PlacedPoint): Promise<Map<string, string>> {
  try {
    return await readChecksums(placed.folder);
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.kind === "damaged") throw damaged(placed, failure.message, failure);
    throw storageFailure(`can't read ${join(placed.folder, sumsFile)}`, thrown);
  }
}

function sumOf(placed: PlacedPoint, file: string, sums: ReadonlyMap<string, string>): string {
  const sum = sums.get(file);
  if (sum === undefined) throw damaged(placed, `${sumsFile} has no line for ${file}`);
  return sum;
}

async function requireFile(placed: PlacedPoint, file: string): Promise<void> {
  const { manifest } = placed.point;
  const known = [...(manifest?.disks ?? []), ...(manifest?.documents ?? [])].find((one) => one.file === file);
  let size: number;
  try {
    ({ size } = await stat(join(placed.folder, file)));
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") throw damaged(placed, `${file} is missing`);
    throw storageFailure(`can't read ${join(placed.folder, file)}`, thrown);
  }
  if (known === undefined || known.bytes === size) return;
  const what = size < known.bytes ? "is cut off" : "has grown";
  throw damaged(placed, `${file} ${what}: it has ${size} bytes instead of ${known.bytes}`);
}

/** Each disk's own structure, and what it builds on: a header decides which files QEMU opens. */
async function checkDisks(placed: PlacedPoint, parent: PlacedPoint | undefined, signal: AbortSignal): Promise<void> {
  const manifest = manifestOf(placed);
  for (const disk of manifest.disks) {
    const file = join(placed.folder, disk.file);
    const info = await imageInfo(file, "qcow2", signal).catch((thrown: unknown) => {
      throw asDamage(placed, disk.file, thrown, signal);
    });
    const expected = disk.type === "full" ? null : `../${manifest.parent}/${diskFile(disk.target)}`;
    if (info.backing !== expected || disk.backing !== expected)
      throw damaged(placed, `${disk.file} builds on ${info.backing ?? "nothing"} instead of ${expected ?? "nothing"}`);
    if (expected !== null && (info.backingFormat !== "qcow2" || !hasDisk(parent, disk.file)))
      throw damaged(placed, `${disk.file} builds on ${expected}, which is no disk of the chain`);
    if (info.dataFile !== null) throw damaged(placed, `${disk.file} has its content in another file, ${info.dataFile}`);
    if (info.virtualBytes !== disk.virtualBytes)
      throw damaged(placed, `${disk.file} holds ${info.virtualBytes} bytes instead of ${disk.virtualBytes}`);
    await runQemuImg(["check", "-q", "-f", "qcow2", "--", file], { timeoutMs: checkLimitMs, signal }).catch(
      (thrown: unknown) => {
        throw asDamage(placed, disk.file, thrown, signal);
      },
    );
  }
}

function hasDisk(parent: PlacedPoint | undefined, file: string): boolean {
  return parent?.point.manifest?.disks.some((disk) => disk.file === file) ?? false;
}

function asDamage(placed: PlacedPoint, file: string, thrown: unknown, signal: AbortSignal): Failure {
  const failure = asFailure(thrown);
  if (failure.kind !== "failed" || signal.aborted) return failure;
  return damaged(placed, `${file} is no sound disk: ${failure.message}`, failure);
}

function damaged({ point }: PlacedPoint, what: string, cause?: unknown): Failure {
  return new Failure("damaged", `${point.id}: ${what}`, { hint, cause });
}
