import { createHash } from "node:crypto";
import { closeSync, constants, ftruncateSync, writeSync } from "node:fs";
import { errorCode, Failure } from "../failure/failure.ts";
import { type BytePath, toDisplay } from "../format/byte-path.ts";
import { contentPieces } from "../format/content-pieces.ts";
import type { TarEntry } from "../format/tar-entry.ts";
import { linkAt, mkdirAt, mkfifoAt, openAt, removeXattrOf, renameAt, symlinkAt, unlinkAt } from "../libc/at.ts";
import { applyLinkMetadata, applyMetadata } from "./apply-metadata.ts";
import type { Notes } from "./notes.ts";
import type { RestoreTree } from "./restore-tree.ts";

export interface WriteContext {
  tree: RestoreTree;
  notes: Notes;
  /** What happens to a file that is there already: the restore stops, or the file gives way once the new one is whole. */
  existing: "refuse" | "replace";
  /** Whether the target had nothing in it, so that a name that is there already came twice in the archive. */
  startedEmpty: boolean;
  /** Whether a directory of the target may hand its default ACL down to what is made in it. */
  inheritsAcl: boolean;
  /** The next piece of the current entry's data. */
  read(): Promise<Buffer | null>;
  /** Told of each piece of content that was written; throws to cancel. */
  wrote(bytes: number): void;
}

/** The name that a new file has until it is whole, where it is to replace an old one. */
const temporaryName = ".davit-restore-file";

/**
 * Makes one entry below its root, directories without their final mode and times. The content is hashed on its way; where
 * it is not `sha256` the file is removed again and `damaged` thrown, naming it.
 */
export async function writeEntry(context: WriteContext, entry: TarEntry, sha256: string | undefined): Promise<void> {
  const { at, name } = context.tree.place(entry.path);
  if (entry.type === "directory") {
    makeDirectory(context, at, name, entry.path);
    return;
  }
  if (name === ".") throw new Failure("damaged", `the archive holds no directory at ${toDisplay(entry.path)}`);
  const made = make(context, entry, at, name);
  try {
    if (entry.type === "file") await writeFile(context, entry, made.result, sha256);
    if (entry.type === "symlink") applyLinkMetadata(at, made.name, entry, context.notes);
    if (entry.type === "fifo") applyToFifo(context, entry, at, made.name);
    if (made.name !== name) replace(at, made.name, name, entry.path);
  } catch (thrown) {
    unlinkAt(at, made.name);
    throw thrown;
  } finally {
    if (entry.type === "file") closeSync(made.result);
  }
}

/** Makes the name, or a temporary one beside what is there. `result` is the open file for a file, else -1. */
function make(context: WriteContext, entry: TarEntry, at: number, name: BytePath): { name: BytePath; result: number } {
  try {
    return { name, result: makeNew(context, entry, at, name) };
  } catch (thrown) {
    if (errorCode(thrown) !== "EEXIST") throw thrown;
    if (context.startedEmpty)
      throw new Failure("damaged", `the archive holds ${toDisplay(entry.path)} twice`, { cause: thrown });
    if (context.existing === "refuse") throw alreadyThere(entry.path, thrown);
  }
  try {
    return { name: temporaryName, result: makeNew(context, entry, at, temporaryName) };
  } catch (thrown) {
    if (errorCode(thrown) !== "EEXIST") throw thrown;
    unlinkAt(at, temporaryName); // left by a restore that was killed
    return { name: temporaryName, result: makeNew(context, entry, at, temporaryName) };
  }
}

function makeNew(context: WriteContext, entry: TarEntry, at: number, name: BytePath): number {
  if (entry.type === "file") return openAt(at, name, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  if (entry.type === "symlink") symlinkAt(entry.link, at, name);
  else if (entry.type === "fifo") mkfifoAt(at, name, 0o600);
  else linkTo(context, entry, at, name);
  return -1;
}

function linkTo(context: WriteContext, entry: TarEntry, at: number, name: BytePath): void {
  const first = context.tree.place(entry.link);
  try {
    linkAt(first.at, first.name, at, name);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT" || errorCode(thrown) === "EPERM")
      throw new Failure(
        "damaged",
        `${toDisplay(entry.path)} is a hard link to ${toDisplay(entry.link)}, which is no file of the archive before it`,
        { cause: thrown },
      );
    throw thrown;
  }
}

async function writeFile(
  context: WriteContext,
  entry: TarEntry,
  fd: number,
  sha256: string | undefined,
): Promise<void> {
  const hash = createHash("sha256");
  let reached = 0;
  for await (const { offset, bytes, isHole } of contentPieces(entry, context.read)) {
    hash.update(bytes);
    if (!isHole) writeAll(fd, bytes, offset);
    if (!isHole) reached = offset + bytes.length;
    context.wrote(bytes.length);
  }
  if (reached < entry.size) ftruncateSync(fd, entry.size);
  if (hash.digest("hex") !== sha256)
    throw new Failure("damaged", `the content of ${toDisplay(entry.path)} is not what was backed up`, {
      hint: "restore from another backup; the disk that holds this one may be failing",
    });
  if (context.inheritsAcl) removeXattrOf(fd, "system.posix_acl_access");
  applyMetadata(fd, entry, context.notes);
}

function writeAll(fd: number, bytes: Buffer, offset: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
}

function applyToFifo(context: WriteContext, entry: TarEntry, at: number, name: BytePath): void {
  const fd = openAt(at, name, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (context.inheritsAcl) removeXattrOf(fd, "system.posix_acl_access");
    applyMetadata(fd, entry, context.notes);
  } finally {
    closeSync(fd);
  }
}

function makeDirectory(context: WriteContext, at: number, name: BytePath, path: BytePath): void {
  if (name === ".") return;
  try {
    mkdirAt(at, name, 0o700);
    if (context.inheritsAcl) context.tree.shedInherited(at, name);
  } catch (thrown) {
    if (errorCode(thrown) !== "EEXIST") throw thrown;
    try {
      closeSync(openAt(at, name, constants.O_RDONLY | constants.O_DIRECTORY));
    } catch (second) {
      if (errorCode(second) !== "ENOTDIR" && errorCode(second) !== "ELOOP") throw second;
      if (context.startedEmpty)
        throw new Failure("unsafe", `the archive holds a directory over a link or file: ${toDisplay(path)}`);
      throw alreadyThere(path, second);
    }
  }
}

function replace(at: number, from: BytePath, to: BytePath, path: BytePath): void {
  try {
    renameAt(at, from, to);
  } catch (thrown) {
    throw errorCode(thrown) === "EISDIR" ? alreadyThere(path, thrown) : thrown;
  }
  // Of two names of one file, rename leaves both.
  try {
    unlinkAt(at, from);
  } catch (thrown) {
    if (errorCode(thrown) !== "ENOENT") throw thrown;
  }
}

function alreadyThere(path: BytePath, cause: unknown): Failure {
  return new Failure("usage", `${toDisplay(path)} is there already, and nothing is overwritten`, {
    hint: "restore to an empty folder, or say that existing files are to be replaced",
    cause,
  });
}
