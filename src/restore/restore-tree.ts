import { closeSync, constants, openSync } from "node:fs";
import { errorCode, Failure } from "../failure/failure.ts";
import { type BytePath, fsPath, fromText, toDisplay } from "../format/byte-path.ts";
import { mkdirAt, openAt, openDirectoryBeneath, removeXattrOf } from "../libc/at.ts";

/** Where part of an archive goes: what stands below `prefix` in it lands below `directory`. */
export interface TreeRoot {
  /** Archive path without leading slash; empty for the whole archive. */
  prefix: BytePath;
  /** An absolute path of a directory that is there. */
  directory: string;
}

const maxOpen = 256;

/**
 * The directories that entries are written into, held open, so that each entry is made by an open directory and one name:
 * no link, old or slipped in while the restore runs, can lead out of the root.
 */
export class RestoreTree {
  readonly #roots: { prefix: BytePath; fd: number }[];
  readonly #open = new Map<BytePath, number>();

  constructor(roots: readonly TreeRoot[]) {
    // The innermost first, where one lies in another.
    const sorted = roots.toSorted((one, other) => other.prefix.length - one.prefix.length);
    this.#roots = sorted.map(({ prefix, directory }) => ({
      prefix,
      fd: openSync(fsPath(fromText(directory)), constants.O_RDONLY | constants.O_DIRECTORY),
    }));
  }

  /** The open directory and the name in it that stand for an archive path. Missing directories on the way are made (mode 755). */
  place(path: BytePath): { at: number; name: BytePath } {
    const root = this.#rootOf(path);
    if (path === root.prefix) return { at: root.fd, name: "." };
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    const parent = slash < root.prefix.length ? root.prefix : path.slice(0, slash);
    return { at: this.#directory(root, parent), name };
  }

  /** Takes from a directory the ACL that it got from the one above, so that nothing made in it inherits one. */
  shedInherited(at: number, name: BytePath): void {
    const fd = openAt(at, name, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      removeXattrOf(fd, "system.posix_acl_default");
      removeXattrOf(fd, "system.posix_acl_access");
    } finally {
      closeSync(fd);
    }
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd);
    for (const root of this.#roots) closeSync(root.fd);
    this.#open.clear();
  }

  #rootOf(path: BytePath): { prefix: BytePath; fd: number } {
    for (const root of this.#roots)
      if (root.prefix === "" || path === root.prefix || path.startsWith(`${root.prefix}/`)) return root;
    throw new Failure("damaged", `the archive holds an entry outside of its sources: ${toDisplay(path)}`);
  }

  #directory(root: { prefix: BytePath; fd: number }, path: BytePath): number {
    if (path === root.prefix) return root.fd;
    const known = this.#open.get(path);
    if (known !== undefined) return known;
    const relative = root.prefix === "" ? path : path.slice(root.prefix.length + 1);
    const fd = openOrMake(root.fd, relative, path);
    for (const [oldest, old] of this.#open) {
      if (this.#open.size < maxOpen) break;
      closeSync(old);
      this.#open.delete(oldest);
    }
    this.#open.set(path, fd);
    return fd;
  }
}

function openOrMake(rootFd: number, relative: BytePath, path: BytePath): number {
  try {
    return openDirectoryBeneath(rootFd, relative);
  } catch (thrown) {
    if (errorCode(thrown) !== "ENOENT") throw refused(thrown, path);
  }
  const slash = relative.lastIndexOf("/");
  const above = slash < 0 ? openDirectoryBeneath(rootFd, ".") : openOrMake(rootFd, relative.slice(0, slash), path);
  try {
    mkdirAt(above, relative.slice(slash + 1), 0o755);
  } catch (thrown) {
    if (errorCode(thrown) !== "EEXIST") throw thrown;
  } finally {
    closeSync(above);
  }
  try {
    return openDirectoryBeneath(rootFd, relative);
  } catch (thrown) {
    throw refused(thrown, path);
  }
}

function refused(thrown: unknown, path: BytePath): unknown {
  const code = errorCode(thrown);
  if (code !== "ELOOP" && code !== "ENOTDIR" && code !== "EXDEV") return thrown;
  return new Failure("unsafe", `nothing is written into ${toDisplay(path)}: it is, or lies behind, a link or a file`, {
    hint: "restore to an empty folder and look at what is there",
    cause: thrown,
  });
}
