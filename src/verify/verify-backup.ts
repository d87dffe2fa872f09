import { readdir } from "node:fs/promises";
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { IndexEntry, Manifest } from "../contract/manifest.ts";
import type { Progress } from "../contract/run-event.ts";
import { asFailure, errorCode, Failure } from "../failure/failure.ts";
import { ArchiveCursor } from "../format/archive-cursor.ts";
import { contentPieces } from "../format/content-pieces.ts";
import {
  composeFileName,
  containersFile,
  manifestFile,
  networksFile,
  sumsFile,
  volumesFile,
} from "../format/file-names.ts";
import { readChecksums } from "../format/read-checksums.ts";
import { readIndex } from "../format/read-index.ts";
import { readManifest } from "../format/read-manifest.ts";
import { createPace } from "./pace.ts";

export interface VerifyOrder {
  /** The sealed backup. */
  folder: string;
  signal?: AbortSignal;
  /** Bytes of archive and index that are read in a second, at most; 0, or nothing, for no limit. */
  rate?: number;
  onProgress?: (now: Progress) => void;
}

export interface VerifyResult {
  ok: true;
  entries: number;
  /** Bytes of file content that were read and compared. */
  bytes: number;
}

const advice = { hint: "restore from another backup; the disk that holds this one may be failing" };
const progressEvery = 100;

/**
 * Reads a sealed backup again and compares every checksum: the files of SHA256SUMS, the manifest's, and each entry of the
 * archive with its line of the index. The archive and the index are read once. Throws `damaged`, naming the file and, where
 * one is at fault, the entry.
 */
export async function verifyBackup(order: VerifyOrder): Promise<VerifyResult> {
  const { folder } = order;
  const sums = await readChecksums(folder);
  // Before it is believed, the manifest itself is compared.
  await compareFile(order, manifestFile, sums);
  const manifest = await readManifest(folder);
  const large = [manifest.archive.file, manifest.index.file];
  // Backups from before these two files were written have neither.
  const present = await presentOf(folder, [networksFile, volumesFile]);
  for (const name of new Set([containersFile, composeFileName, ...present, ...sums.keys()]))
    if (name !== manifestFile && !large.includes(name)) await compareFile(order, name, sums);

  const archive = createHash("sha256");
  const index = createHash("sha256");
  const inner = await readEntries(order, manifest, { archive, index }).catch((thrown: unknown) => {
    throw located(asFailure(thrown), folder, manifest);
  });
  compare(folder, manifest.archive.file, archive.digest("hex"), [
    sumOf(folder, manifest.archive.file, sums),
    manifest.archive.sha256,
  ]);
  compare(folder, manifest.index.file, index.digest("hex"), [
    sumOf(folder, manifest.index.file, sums),
    manifest.index.sha256,
  ]);
  return { ok: true, ...inner };
}

/**
 * What is wrong with an archive, with the archive's name. Nothing is written here, so what would be unsafe to restore is
 * damage: a flipped bit can look like an attack.
 */
function located(failure: Failure, folder: string, manifest: Manifest): Failure {
  if (failure.kind !== "damaged" && failure.kind !== "unsafe") return failure;
  const message = failure.message.includes(folder)
    ? failure.message
    : `${join(folder, manifest.archive.file)}: ${failure.message}`;
  return new Failure("damaged", message, { hint: failure.hint ?? advice.hint, cause: failure });
}

async function readEntries(
  order: VerifyOrder,
  manifest: Manifest,
  hashes: { archive: Hash; index: Hash },
): Promise<{ entries: number; bytes: number }> {
  const { folder, signal } = order;
  const pace = createPace(order.rate ?? 0, signal);
  const hashed = (hash: Hash) => (bytes: Buffer) => {
    hash.update(bytes);
    return pace(bytes.length);
  };
  const cursor = new ArchiveCursor({
    folder,
    manifest,
    signal,
    sequential: true,
    onBytes: hashed(hashes.archive),
  });
  let entries = 0;
  let bytes = 0;
  let told = Date.now();
  const tell = (): void => {
    if (Date.now() - told < progressEvery) return;
    told = Date.now();
    const totals = { totalEntries: manifest.index.entries, totalBytes: manifest.counts.bytesIn };
    order.onProgress?.({ entries, bytes, ...totals });
  };
  try {
    const lines = readIndex({ folder, manifest, signal, onBytes: hashed(hashes.index) });
    for await (const { entry: line, ordinal } of lines) {
      const entry = await cursor.at(line, ordinal);
      if (entry.type === "file") {
        const hash = createHash("sha256");
        for await (const piece of contentPieces(entry, () => cursor.read())) {
          signal?.throwIfAborted();
          hash.update(piece.bytes);
          bytes += piece.bytes.length;
          tell();
        }
        compareEntry(folder, manifest, line, hash.digest("hex"));
      }
      entries += 1;
      tell();
    }
    await cursor.finish();
  } finally {
    await cursor.close();
  }
  return { entries, bytes };
}

function compareEntry(folder: string, manifest: Manifest, line: IndexEntry, found: string): void {
  if (line.sha256 === found) return;
  const file = join(folder, manifest.archive.file);
  throw new Failure("damaged", `${file}: the content of ${line.path} is not what was backed up`, advice);
}

async function presentOf(folder: string, names: readonly string[]): Promise<string[]> {
  const there = new Set(await readdir(folder));
  return names.filter((name) => there.has(name));
}

function sumOf(folder: string, name: string, sums: Map<string, string>): string {
  const sum = sums.get(name);
  if (sum !== undefined) return sum;
  throw new Failure("damaged", `${join(folder, sumsFile)} does not name ${name}`, advice);
}

async function compareFile(order: VerifyOrder, name: string, sums: Map<string, string>): Promise<void> {
  const wanted = sumOf(order.folder, name, sums);
  const hash = createHash("sha256");
  const options = order.signal === undefined ? {} : { signal: order.signal };
  try {
    for await (const chunk of createReadStream(join(order.folder, name), options)) hash.update(chunk);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT")
      throw new Failure("damaged", `${join(order.folder, name)} is not there`, { ...advice, cause: thrown });
    throw asFailure(thrown);
  }
  compare(order.folder, name, hash.digest("hex"), [wanted]);
}

function compare(folder: string, name: string, found: string, wanted: string[]): void {
  if (wanted.every((sum) => sum === found)) return;
  throw new Failure("damaged", `${join(folder, name)} is not what was sealed: its SHA-256 is ${found}`, advice);
}
