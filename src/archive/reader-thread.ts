import { closeSync, constants, openSync, readlinkSync, statfsSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { errorCode } from "../failure/failure.ts";
import { type BytePath, fsPath } from "../format/byte-path.ts";
import { syncFileSystemOf } from "../libc/at.ts";
import { type FileStatus, signatureSize } from "../libc/file-status.ts";
import { getXattr, listXattrs } from "../libc/xattr.ts";
import { createCatalog } from "./catalog.ts";
import { openEarlierPasses } from "./earlier-passes.ts";
import { indexLine } from "./index-line.ts";
import { Cancelled, createOutbox } from "./outbox.ts";
import { readFile } from "./read-file.ts";
import type { EarlierPass, ReadEntry, ReadOrder } from "./read-message.ts";
import { createSender } from "./sender.ts";
import { type Excluded, type Found, walkSource } from "./walk.ts";

/*
 * The reading half of the archive stage, in a thread of its own, for one pass. It is synchronous from end to end: on small
 * files a system call costs a tenth of a promise, and nothing else waits for this thread.
 */
const order: ReadOrder = workerData;
const outbox = createOutbox(order.brake);
const sender = createSender(outbox);
const catalog = createCatalog(order.catalog);
const earlier = openEarlierPasses(order.earlier, catalog);
const firstNames = new Map<string, BytePath>();
const excluded: Excluded = new Map();
const signature = Buffer.alloc(signatureSize);
let source = 0;

/** Times of files lag behind the clock by up to a tick of the kernel. */
const clockTickMs = 20;
const theBeginning = { seconds: 0, nanoseconds: 0 };
const tmpfs = 0x01021994; // TMPFS_MAGIC of linux/magic.h
const ramfs = 0x858458f6;

/**
 * When the pass begins: from then on a change shows in a file's times. A write through a memory map moves them only when it
 * is the first one to its page since the page was written to the disk; so the instant is taken, and then all is written.
 * Where that can't be done, everything counts as changed later.
 */
function begin(sources: readonly string[]): EarlierPass["began"] {
  const now = Date.now() - clockTickMs;
  const written = !order.live || sources.every(syncFileSystem);
  return written ? { seconds: Math.floor(now / 1000), nanoseconds: (now % 1000) * 1_000_000 } : theBeginning;
}

function syncFileSystem(path: string): boolean {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      syncFileSystemOf(fd);
      return true;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return errorCode(error) === "ENOENT"; // there is nothing that could change
  }
}

/** Whether mapped writes leave no trace at all, so that there is nothing to be won by reading before the hold. */
function isInMemory(path: string): boolean {
  try {
    const { type } = statfsSync(path);
    return type === tmpfs || type === ramfs;
  } catch {
    return false; // told by the walk
  }
}

function visit(found: Found): void {
  outbox.stopIfCancelled();
  const { path, relative, status } = found;
  const known = earlier.unchanged({ source, relative }, status);
  const linked = status.linkCount > 1 && !status.isDirectory;
  const identity = linked ? status.identity : "";
  const first = linked ? firstNames.get(identity) : undefined;
  // Where its first name went, another name of the file takes its content over, and the other way round.
  if (known !== null && (known.isHardLink ? known.link === first : first === undefined)) {
    if (linked && first === undefined) firstNames.set(identity, archiveName(path));
    return;
  }
  const entry = describe(path, status);
  if (entry === null) {
    outbox.send({
      type: "skipped",
      path: archiveName(path),
      reason: status.isSocket ? "a socket" : "a device",
    });
    earlier.dropCurrent();
    return;
  }
  if (first !== undefined) {
    entry.type = "hardlink";
    entry.link = first;
    entry.size = 0;
    sender.sendSmall(entry, 0);
    record(entry, status, { relative, linked });
    return;
  }
  if (!tolerate(path, () => read(found, entry, linked ? identity : null))) earlier.dropCurrent();
}

function describe(path: BytePath, status: FileStatus): ReadEntry | null {
  const type = typeOf(status);
  if (type === null) return null;
  const { permissions: mode, uid, gid, mtime } = status;
  return { path: archiveName(path), type, size: 0, mode, uid, gid, mtime };
}

function typeOf(status: FileStatus): ReadEntry["type"] | null {
  if (status.isFile) return "file";
  if (status.isDirectory) return "directory";
  if (status.isLink) return "symlink";
  return status.isFifo ? "fifo" : null;
}

function read(found: Found, entry: ReadEntry, identity: string | null): void {
  const { relative } = found;
  const linked = identity !== null;
  if (entry.type !== "file") {
    const path = `/proc/self/fd/${found.at}/${found.name}`;
    const readable = found.at < 0 ? found.path : path;
    if (entry.type === "symlink") entry.link = readlinkSync(fsPath(readable), "latin1");
    const names = listXattrs(readable);
    if (names.length > 0) entry.attributes = names.map((name) => [name, getXattr(readable, name)]);
    sender.sendSmall(entry, 0);
    record(entry, found.status, { relative, linked });
    if (identity !== null) firstNames.set(identity, entry.path);
    return;
  }
  const opened = readFile(found, entry, sender, (what, detail) =>
    outbox.send({ type: "changed", path: entry.path, what, ...(detail === undefined ? {} : { detail }) }),
  );
  if (opened === null) {
    earlier.dropCurrent();
    return;
  }
  record(entry, opened, { relative, linked });
  // Where another file took the name meanwhile, the other names of the first are no links to it.
  if (identity !== null && opened.identity === identity) firstNames.set(identity, entry.path);
}

function record(entry: ReadEntry, status: FileStatus, { relative, linked }: { relative: BytePath; linked: boolean }) {
  status.writeSignature(signature, 0);
  const { type, size } = entry;
  const link = type === "hardlink" ? (entry.link ?? "") : "";
  catalog.add({ type, linked, source, size, signature, relative, link, line: indexLine(entry) });
}

function archiveName(path: BytePath): BytePath {
  return path === "/" ? "." : path.slice(1);
}

function tolerate(path: BytePath, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    const what = code === "ENOENT" || code === "ELOOP" ? "vanished" : "unreadable";
    outbox.send({ type: "changed", path: archiveName(path), what, detail: code });
    return false;
  }
}

function readAll(): void {
  const wanted = order.sources.map((path, number) => ({ path, number }));
  const sources = order.live ? wanted.filter(({ path }) => !isInMemory(path)) : wanted;
  const began = begin(sources.map(({ path }) => path));
  for (const { path, number } of sources) {
    source = number;
    walkSource(
      { source: path, exclude: order.exclude, skip: order.skip },
      {
        entry: visit,
        skipped: (at, reason) => outbox.send({ type: "skipped", path: archiveName(at), reason }),
        problem: (at, what, detail) => outbox.send({ type: "changed", path: archiveName(at), what, detail }),
      },
      excluded,
    );
  }
  earlier.end();
  sender.flush();
  catalog.end();
  outbox.send({
    type: "done",
    excluded: [...excluded].map(([pattern, total]) => ({ pattern, ...total })),
    began,
    records: catalog.records,
  });
}

try {
  readAll();
} catch (error) {
  if (!(error instanceof Cancelled)) throw error;
} finally {
  earlier.close();
  catalog.close();
}
