import { constants } from "node:fs";
import { chmod, copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { PointManifest } from "../contract/machine.ts";
import { appendLine } from "../durable/append-line.ts";
import { Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { readEvidence } from "../format/read-evidence.ts";
import { isDrillPicture } from "./fingerprint-chain.ts";
import { hashFile } from "./hash-file.ts";
import { runQemuImg } from "./run-qemu-img.ts";
import { sealPoint } from "./seal-point.ts";

export interface SyntheticFullOrder {
  /** The point that is written anew, and its manifest. */
  point: string;
  manifest: PointManifest;
  /** A folder to write in, which is made; and the name that it gets once it is whole. */
  making: string;
  made: string;
  compress: boolean;
  now: Date;
  signal: AbortSignal;
}

const limitMs = 48 * 3_600_000;

/**
 * Writes a point anew as a full that builds on nothing: each disk as the guest saw it, compared with the point afterwards; its documents,
 * and what drills of it have shown, as they were. Throws `damaged` where the two differ.
 */
export async function makeSyntheticFull(order: SyntheticFullOrder): Promise<void> {
  const { point, manifest, making, made, compress, now, signal } = order;
  try {
    await mkdir(making, { mode: 0o711 });
    await chmod(making, 0o711);
  } catch (thrown) {
    throw storageFailure(`can't make ${making}`, thrown);
  }
  const disks: PointManifest["disks"] = [];
  for (const disk of manifest.disks) {
    const from = join(point, disk.file);
    const to = join(making, disk.file);
    const packed = compress ? ["-c", "-o", "compression_type=zstd"] : [];
    const words = ["convert", "-m", "4", "-W", "-f", "qcow2", "-O", "qcow2", ...packed, "--", from, to];
    await runQemuImg(words, { timeoutMs: limitMs, signal });
    await compare(from, to, signal);
    disks.push({ ...disk, type: "full", backing: null, reason: null, ...(await hashFile(to, signal)) });
  }
  for (const { file } of manifest.documents) await copy(join(point, file), join(making, file));
  await keepDrills(point, making);
  const described: PointManifest = { ...manifest, type: "synthetic", parent: null, fallback: null, disks };
  await sealPoint({ partial: making, folder: made, manifest: { ...described, sealed: now.toISOString() } });
}

async function compare(one: string, other: string, signal: AbortSignal): Promise<void> {
  const words = ["compare", "-q", "-f", "qcow2", "-F", "qcow2", "--", one, other];
  await runQemuImg(words, { timeoutMs: limitMs, signal }).catch((thrown: unknown) => {
    if (signal.aborted) throw thrown;
    throw new Failure("damaged", `${other} is not the same as ${one}, of which it was made`, {
      hint: "the disk that holds the vault, or the memory, may be failing: look at the kernel's log (dmesg)",
      cause: thrown,
    });
  });
}

/** What a drill has shown of the disks' content holds for what has the same content; what a verification has shown of the files does not. */
async function keepDrills(point: string, making: string): Promise<void> {
  for (const name of await readdir(point)) if (isDrillPicture(name)) await copy(join(point, name), join(making, name));
  for (const record of await readEvidence(point))
    if (record.kind === "drilled" || record.kind === "acknowledged")
      await appendLine(join(making, "evidence.ndjson"), JSON.stringify(record));
}

async function copy(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
  } catch (thrown) {
    throw storageFailure(`can't write ${to}`, thrown);
  }
}
