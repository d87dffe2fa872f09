import { createHash, hash } from "node:crypto";
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { errorCode } from "../failure/failure.ts";
import { type BytePath, fsPath } from "../format/byte-path.ts";
import { getXattr, listXattrs, nextData, nextHole } from "../libc/libc.ts";
import { createOutbox } from "./outbox.ts";
import { type BatchEntry, type ReadEntry, type ReadOrder, smallFileLimit } from "./read-message.ts";
import { type Excluded, walkSource } from "./walk.ts";

/*
 * The reading half of the archive stage, in a thread of its own. It is synchronous from end to end: on small files a system
 * call costs a tenth of a promise, and nothing else waits for this thread.
 */
const order: ReadOrder = workerData;
const outbox = createOutbox(order.brake);
/** As many as fill a slab at the usual size; were it more, tiny files by the thousand would be on their way at one time. */
const batchLimit = 128;
const zeros = Buffer.alloc(1024 * 1024);
const firstNames = new Map<string, BytePath>();
const excluded: Excluded = new Map();
let slab = outbox.freshSlab();
let used = 0;
let batch: BatchEntry[] = [];

function read(path: BytePath, stats: BigIntStats): void {
  outbox.stopIfCancelled();
  const entry: ReadEntry = {
    path: archiveName(path),
    type: "directory",
    size: 0,
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mtime: decimalTime(stats.mtimeNs),
  };
  if (stats.isSymbolicLink()) {
    entry.type = "symlink";
    if (!tolerate(path, () => (entry.link = readlinkSync(fsPath(path), "latin1")))) return;
  } else if (stats.isFIFO()) entry.type = "fifo";
  else if (stats.isFile()) entry.type = "file";
  else if (!stats.isDirectory()) {
    outbox.send({ type: "skipped", path: entry.path, reason: stats.isSocket() ? "a socket" : "a device" });
    return;
  }
  const linked = stats.nlink > 1n && entry.type !== "directory";
  // With its birth, since the number of a removed inode may be another file's soon.
  const inode = `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
  const first = linked ? firstNames.get(inode) : undefined;
  if (first !== undefined) {
    add({ entry: { ...entry, type: "hardlink", link: first }, at: used, length: 0 });
    return;
  }
  if (!tolerate(path, () => readAttributes(path, entry))) return;
  let kept = stats;
  if (entry.type === "file") {
    const opened = readFile(path, entry, stats);
    if (opened === null) return;
    kept = opened;
  } else add({ entry, at: used, length: 0 });
  // Where another file took the name meanwhile, the other names of the first are no links to it.
  if (linked && kept.ino === stats.ino) firstNames.set(inode, entry.path);
}

function readAttributes(path: BytePath, entry: ReadEntry): void {
  const names = listXattrs(path);
  if (names.length > 0) entry.attributes = names.map((name) => [name, getXattr(path, name)]);
}

/** Reads a file's content; gives the file that was opened, null where none could be. */
function readFile(path: BytePath, entry: ReadEntry, stats: BigIntStats): BigIntStats | null {
  let fd: number;
  try {
    // Not blocking, since a FIFO may have taken the file's place since it was seen.
    fd = openSync(fsPath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    tellUnreadable(path, error);
    return null;
  }
  try {
    const opened = fstatSync(fd, { bigint: true });
    if (!opened.isFile()) {
      outbox.send({ type: "changed", path: entry.path, what: "changed", detail: "no longer a file" });
      return null;
    }
    entry.size = Number(opened.size);
    const regions = opened.blocks * 512n < opened.size ? dataRegions(fd, entry.size) : null;
    if (regions !== null) entry.regions = regions;
    const found =
      regions === null && entry.size <= smallFileLimit
        ? readSmall(fd, entry)
        : readBig(fd, entry, regions ?? [[0, entry.size]]);
    const after = fstatSync(fd, { bigint: true });
    const what = found < entry.size ? "shrank" : howChanged(stats, after);
    if (what !== null) outbox.send({ type: "changed", path: entry.path, what });
    return opened;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    tellUnreadable(path, error);
    return null;
  } finally {
    closeSync(fd);
  }
}

/** What became of a file from when it was first seen until it was read; null for nothing. */
function howChanged(before: BigIntStats, after: BigIntStats): "grew" | "shrank" | "changed" | null {
  if (after.ino !== before.ino) return "changed"; // another file has taken its name
  if (after.size !== before.size) return after.size > before.size ? "grew" : "shrank";
  return after.mtimeNs === before.mtimeNs ? null : "changed";
}

/** Reads a whole small file into the slab; what it has lost since it was measured is filled with zeros. */
function readSmall(fd: number, entry: ReadEntry): number {
  if (used + entry.size > slab.length) flush();
  const at = used;
  const found = fill(fd, slab, { at, length: entry.size, position: 0 });
  const content = slab.subarray(at, at + entry.size);
  entry.sha256 = hash("sha256", content, "hex");
  used += entry.size;
  add({ entry, at, length: entry.size });
  return found;
}

function readBig(fd: number, entry: ReadEntry, regions: readonly (readonly [number, number])[]): number {
  batch.push({ entry, at: used });
  flush();
  const digest = createHash("sha256");
  let position = 0;
  let end = 0;
  let short = false;
  for (const [offset, length] of regions) {
    hashZeros(digest, offset - position);
    for (position = offset; position < offset + length;) {
      const bytes = outbox.freshSlab();
      const wanted = Math.min(bytes.length, offset + length - position);
      let found = 0;
      try {
        found = fill(fd, bytes, { at: 0, length: wanted, position });
      } catch (error) {
        // The entry has begun: it is finished with zeros, and told.
        bytes.fill(0, 0, wanted);
        outbox.send({
          type: "changed",
          path: entry.path,
          what: "unreadable",
          detail: errorCode(error) ?? String(error),
        });
        found = wanted;
      }
      if (found < wanted) short = true;
      else end = position + wanted;
      const chunk = bytes.subarray(0, wanted);
      digest.update(chunk);
      position += wanted;
      outbox.sendBytes({ type: "chunk", bytes: chunk }, chunk);
    }
  }
  hashZeros(digest, entry.size - position);
  outbox.send({ type: "file-end", sha256: digest.digest("hex") });
  return short ? end : entry.size;
}

/** Reads until `length` bytes are there or the file ends, in which case the rest is zeros; gives the bytes found. */
function fill(fd: number, into: Uint8Array, where: { at: number; length: number; position: number }): number {
  let found = 0;
  while (found < where.length) {
    const got = readSync(fd, into, where.at + found, where.length - found, where.position + found);
    if (got === 0) break;
    found += got;
  }
  if (found < where.length) into.fill(0, where.at + found, where.at + where.length);
  return found;
}

function hashZeros(digest: ReturnType<typeof createHash>, length: number): void {
  for (let left = length; left > 0; left -= zeros.length)
    digest.update(zeros.subarray(0, Math.min(left, zeros.length)));
}

/** The regions of a file that are not holes; null where it has no hole. */
function dataRegions(fd: number, size: number): [number, number][] | null {
  const regions: [number, number][] = [];
  for (let at = 0; at < size;) {
    const start = nextData(fd, at);
    if (start === null || start >= size) break;
    at = Math.min(nextHole(fd, start), size);
    regions.push([start, at - start]);
  }
  const whole = regions.length === 1 && regions[0]?.[0] === 0 && regions[0][1] === size;
  if (whole) return null;
  const [start, length] = regions.at(-1) ?? [0, 0];
  if (start + length < size) regions.push([size, 0]); // tells tar of the hole at the end
  return regions;
}

function add(entry: BatchEntry): void {
  batch.push(entry);
  if (batch.length >= batchLimit || used >= slab.length - 4096) flush();
}

function flush(): void {
  if (batch.length === 0) return;
  outbox.sendBytes({ type: "batch", slab, entries: batch }, slab);
  slab = outbox.freshSlab();
  used = 0;
  batch = [];
}

function archiveName(path: BytePath): BytePath {
  return path === "/" ? "." : path.slice(1);
}

function decimalTime(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? "-" : "";
  const digits = (nanoseconds < 0n ? -nanoseconds : nanoseconds).toString().padStart(10, "0");
  return `${sign}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

function tolerate(path: BytePath, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    tellUnreadable(path, error);
    return false;
  }
}

function tellUnreadable(path: BytePath, error: unknown): void {
  const code = errorCode(error) ?? String(error);
  const what = code === "ENOENT" || code === "ELOOP" ? "vanished" : "unreadable";
  outbox.send({ type: "changed", path: archiveName(path), what, detail: code });
}

for (const source of order.sources) {
  walkSource(
    { source, exclude: order.exclude, skip: order.skip },
    {
      entry: read,
      skipped: (path, reason) => outbox.send({ type: "skipped", path: archiveName(path), reason }),
      problem: (path, what, detail) => outbox.send({ type: "changed", path: archiveName(path), what, detail }),
    },
    excluded,
  );
}
flush();
outbox.send({ type: "done", excluded: [...excluded].map(([pattern, total]) => ({ pattern, ...total })) });
