import { constants } from "node:os";
import koffi from "koffi";
import { type BytePath, toBytes, toDisplay } from "../format/byte-path.ts";

/*
 * What Davit needs of Linux and node:fs does not offer, called in the C library. Every function is synchronous and takes
 * microseconds on a local file system; each throws an Error whose `code` is the errno's name (`ENOSPC`, …).
 * Sources: the Linux man pages llistxattr(2), lgetxattr(2), lseek(2).
 */
const library = loadLibrary();
const path = "const uint8_t *path";
const llistxattr = library.func(`long llistxattr(${path}, _Out_ uint8_t *list, size_t size)`);
const lgetxattr = library.func(`long lgetxattr(${path}, const char *name, _Out_ uint8_t *value, size_t size)`);
const lseek = library.func("int64_t lseek(int fd, int64_t offset, int whence)");

const seekData = 3;
const seekHole = 4;
const noAttributes: readonly string[] = [];
// Attribute lists and most values fit; a longer one is asked again with its own size.
const scratch = Buffer.alloc(4096);

/** Names of a path's extended attributes, ACLs included, links not followed; none where the file system has none. */
export function listXattrs(file: BytePath): readonly string[] {
  const name = terminated(file);
  let list = scratch;
  let length = Number(llistxattr(name, list, list.length));
  if (length === 0) return noAttributes;
  if (length < 0 && lastError() === "ERANGE") {
    list = Buffer.alloc(65_536); // the kernel's limit, XATTR_LIST_MAX
    length = Number(llistxattr(name, list, list.length));
  }
  if (length < 0) {
    if (unsupported.has(lastError())) return noAttributes;
    throw systemError("listxattr", file);
  }
  return list.toString("latin1", 0, length).split("\0").filter(Boolean);
}

/** The value of one attribute, links not followed. */
export function getXattr(file: BytePath, attribute: string): Buffer {
  const name = terminated(file);
  let value = scratch;
  let length = Number(lgetxattr(name, attribute, value, value.length));
  if (length < 0 && lastError() === "ERANGE") {
    value = Buffer.alloc(65_536); // the kernel's limit, XATTR_SIZE_MAX
    length = Number(lgetxattr(name, attribute, value, value.length));
  }
  if (length < 0) throw systemError("getxattr", file);
  return Buffer.from(value.subarray(0, length));
}

/** Offset of the next byte at or after `offset` that is not in a hole; null where only a hole follows. */
export function nextData(fd: number, offset: number): number | null {
  const found = Number(lseek(fd, offset, seekData));
  if (found >= 0) return found;
  if (lastError() === "ENXIO") return null;
  throw systemError("lseek", `/proc/self/fd/${fd}`);
}

/** Offset of the next hole at or after `offset`; the file's end counts as one. */
export function nextHole(fd: number, offset: number): number {
  const found = Number(lseek(fd, offset, seekHole));
  if (found >= 0) return found;
  throw systemError("lseek", `/proc/self/fd/${fd}`);
}

const unsupported = new Set(["ENOTSUP", "EOPNOTSUPP", "ENOSYS", "ENODATA"]);

function terminated(file: BytePath): Buffer {
  return toBytes(`${file}\0`);
}

function loadLibrary(): ReturnType<typeof koffi.load> {
  const musl = `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`;
  try {
    return koffi.load("libc.so.6");
  } catch {
    return koffi.load(musl);
  }
}

const errorNames = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

function lastError(): string {
  return errorNames.get(koffi.errno()) ?? `errno ${koffi.errno()}`;
}

function systemError(call: string, file: BytePath): Error {
  const code = lastError();
  return Object.assign(new Error(`${call} ${toDisplay(file)}: ${code}`), { code });
}
