import { closeSync, readlinkSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { errorCode } from "../failure/failure.ts";
import { type BytePath, fsPath } from "../format/byte-path.ts";
import { cloneFile } from "../libc/clone-file.ts";
import { type FileStatus, signatureSize } from "../libc/file-status.ts";
import { getXattr, listXattrs } from "../libc/xattr.ts";
import { beginPass, isInMemory } from "./begin-pass.ts";
import { bigBlockSize } from "./block-hashes.ts";
import { createCatalog } from "./catalog.ts";
import { compareBlocks } from "./compare-blocks.ts";
import { openEarlierPasses } from "./earlier-passes.ts";
import { indexLine } from "./index-line.ts";
import { Cancelled, createOutbox } from "./outbox.ts";
import { type BlockComparer, changeSince, type ChangeListener, openFile, sendFile } from "./read-file.ts";
import type { Cloned, ReadEntry, ReadOrder } from "./read-message.ts";
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
const earlier = openEarlierPasses(order.earlier, {
  addGone: ({ source: of, relative }) => deliver(() => catalog.addGone({ source: of, relative })),
});
const firstNames = new Map<string, BytePath>();
const excluded: Excluded = new Map();
/** While files are cloned: what is to be read and written down after that, in its order. */
let later: (() => void)[] | null = null;
const clones = new Set<number>();
const cloned: Cloned = { entries: 0, bytes: 0, notCloned: 0 };
const block = Buffer.allocUnsafeSlow(bigBlockSize);
let source = 0;

const compare: BlockComparer = (file) =>
  compareBlocks(order.comparers, file, order.hashes, block, outbox.stopIfCancelled);

function deliver(work: () => void): void {
  if (later === null) work();
  else later.push(work);
}

function deliverLater(): void {
  const works = later ?? [];
  later = null;
  for (const work of works) work();
}

function visit(found: Found): void {
  outbox.stopIfCancelled();
  const { path, relative, status } = found;
  const known = earlier.unchanged({ source, relative }, status);
  const identity = status.linkCount > 1 && !status.isDirectory ? status.identity : null;
  const first = identity === null ? undefined : firstNames.get(identity);
  // Where its first name went, another name of the file takes its content over, and the other way round.
  if (known !== null && (known.isHardLink ? known.link === first : first === undefined)) {
    if (identity !== null && first === undefined) firstNames.set(identity, archiveName(path));
    return;
  }
  const entry = describe(path, status);
  if (entry === null) {
    outbox.send({ type: "skipped", path: archiveName(path), reason: status.isSocket ? "a socket" : "a device" });
    earlier.dropCurrent();
  } else if (first !== undefined) {
    entry.type = "hardlink";
    entry.link = first;
    sendAlone(entry, recordOf(relative, identity, status));
  } else if (!tolerate(path, () => read(found, entry, identity))) earlier.dropCurrent();
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
  const { at, relative, status } = found;
  if (entry.type === "file") {
    readFile(found, entry, identity);
    return;
  }
  const path = at < 0 ? found.path : `/proc/self/fd/${at}/${found.name}`;
  if (entry.type === "symlink") entry.link = readlinkSync(fsPath(path), "latin1");
  const names = listXattrs(path);
  if (names.length > 0) entry.attributes = names.map((name) => [name, getXattr(path, name)]);
  if (identity !== null) firstNames.set(identity, entry.path);
  sendAlone(entry, recordOf(relative, identity, status));
}

function readFile(found: Found, entry: ReadEntry, identity: string | null): void {
  const changed: ChangeListener = (what, detail) =>
    outbox.send({ type: "changed", path: entry.path, what, ...(detail === undefined ? {} : { detail }) });
  const opened = openFile(found, entry);
  if (opened === null) {
    changed("changed", "no longer a file");
    earlier.dropCurrent();
    return;
  }
  const record = recordOf(found.relative, identity, opened.status);
  // Where another file took the name meanwhile, the other names of the first are no links to it.
  if (identity !== null && opened.status.identity === identity) firstNames.set(identity, entry.path);
  const earlierContent = earlier.earlierContent();
  const clone = later === null ? null : cloneOrRead(found, opened.fd, entry);
  const content = clone ?? opened.fd;
  if (clone !== null) closeSync(opened.fd);
  deliver(() => {
    try {
      const complete = sendFile(content, entry, { sender, changed, earlier: earlierContent, compare });
      const what = complete ? (clone === null ? changeSince(found.status, content) : null) : "shrank";
      if (what !== null) changed(what);
      record(entry);
    } finally {
      closeSync(content);
      clones.delete(content);
    }
  });
}

/** A clone of the file; null where there can be none: then all that has gathered is read, and the rest as it comes. */
function cloneOrRead(found: Found, fd: number, entry: ReadEntry): number | null {
  const clone = found.at < 0 ? null : cloneFile(found.at, fd);
  if (clone === null) {
    cloned.notCloned += 1;
    deliverLater();
    return null;
  }
  clones.add(clone);
  cloned.entries += 1;
  cloned.bytes += entry.size;
  return clone;
}

function sendAlone(entry: ReadEntry, record: (entry: ReadEntry) => void): void {
  deliver(() => {
    sender.sendSmall(entry, 0);
    record(entry);
  });
}

/** What writes an entry's record, with the status as it is now. */
function recordOf(relative: BytePath, identity: string | null, status: FileStatus): (entry: ReadEntry) => void {
  const signature = Buffer.allocUnsafe(signatureSize);
  status.writeSignature(signature, 0);
  const facts = { linked: identity !== null, source, signature, relative };
  return (entry) => {
    const { type, size } = entry;
    const link = type === "hardlink" ? (entry.link ?? "") : "";
    catalog.add({ ...facts, type, size, link, line: indexLine(entry) });
  };
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
  const kind = outbox.awaitStart();
  const isLive = order.repeats && kind === "live";
  if (kind === "snapshot") later = [];
  const wanted = order.sources.map((path, number) => ({ path, number }));
  const sources = isLive ? wanted.filter(({ path }) => !isInMemory(path)) : wanted;
  const began = beginPass(isLive ? sources.map(({ path }) => path) : []);
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
  if (kind === "snapshot") outbox.send({ type: "cloned", ...cloned });
  deliverLater();
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
  for (const fd of clones) closeSync(fd);
}
