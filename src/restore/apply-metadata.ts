import { fchmodSync, fchownSync } from "node:fs";
import { errorCode } from "../failure/failure.ts";
import type { BytePath } from "../format/byte-path.ts";
import type { TarEntry } from "../format/tar-entry.ts";
import { chownAt, setTimesAt, setTimesOf, setXattrAt, setXattrOf } from "../libc/at.ts";
import type { Notes } from "./notes.ts";

type Metadata = Pick<TarEntry, "path" | "mode" | "uid" | "gid" | "mtime" | "xattrs">;

const isRoot = process.geteuid?.() === 0;

/**
 * Gives an open file or directory its owner, attributes, mode and times. The order is the kernel's: a change of owner takes
 * setuid bits and capabilities away, and any of these changes the times' neighbours. What this system can't hold is noted.
 */
export function applyMetadata(fd: number, entry: Metadata, notes: Notes): void {
  noteWhere(isRoot ? [] : ["EPERM"], entry.path, `owner ${entry.uid}:${entry.gid}`, notes, () =>
    fchownSync(fd, entry.uid, entry.gid),
  );
  // Without root, an attribute of one's own needs the right to write, which the mode may take away.
  for (const [name, value] of entry.xattrs)
    if (name.startsWith("user.")) setXattr(entry.path, name, notes, () => setXattrOf(fd, name, value));
  fchmodSync(fd, entry.mode);
  for (const [name, value] of entry.xattrs)
    if (!name.startsWith("user.")) setXattr(entry.path, name, notes, () => setXattrOf(fd, name, value));
  setTimesOf(fd, entry.mtime.seconds, entry.mtime.nanoseconds);
}

/** The same for a symbolic link, which has no mode. */
export function applyLinkMetadata(at: number, name: BytePath, entry: Metadata, notes: Notes): void {
  noteWhere(isRoot ? [] : ["EPERM"], entry.path, `owner ${entry.uid}:${entry.gid}`, notes, () =>
    chownAt(at, name, entry.uid, entry.gid),
  );
  for (const [attribute, value] of entry.xattrs)
    setXattr(entry.path, attribute, notes, () => setXattrAt(at, name, attribute, value));
  setTimesAt(at, name, entry.mtime.seconds, entry.mtime.nanoseconds);
}

function setXattr(path: BytePath, name: BytePath, notes: Notes, set: () => void): void {
  noteWhere(
    ["EOPNOTSUPP", "ENOTSUP", "EPERM", "EACCES", "EINVAL", "ERANGE", "E2BIG"],
    path,
    `attribute ${name}`,
    notes,
    set,
  );
}

function noteWhere(codes: string[], path: BytePath, what: string, notes: Notes, work: () => void): void {
  try {
    work();
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === undefined || !codes.includes(code)) throw thrown;
    notes.add(path, `${what} could not be set (${code})`);
  }
}
