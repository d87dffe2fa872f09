import { getSystemErrorName } from "node:util";
import koffi from "koffi";
import { type BytePath, toBytes, toDisplay } from "../format/byte-path.ts";
import { loadLibc } from "./load-libc.ts";

/*
 * Extended attributes, ACLs included: listxattr(2), getxattr(2). Every function is synchronous, takes microseconds on a
 * local file system, and throws an Error whose `code` is the errno's name (`EACCES`, …).
 */
const library = loadLibc();
const path = "const uint8_t *path";
const ofPath = {
  list: library.func(`long llistxattr(${path}, _Out_ uint8_t *list, size_t size)`),
  get: library.func(`long lgetxattr(${path}, const char *name, _Out_ uint8_t *value, size_t size)`),
};
const ofFile = {
  list: library.func("long flistxattr(int fd, _Out_ uint8_t *list, size_t size)"),
  get: library.func("long fgetxattr(int fd, const char *name, _Out_ uint8_t *value, size_t size)"),
};

const noAttributes: readonly string[] = [];
const unsupported = new Set(["ENOTSUP", "EOPNOTSUPP", "ENOSYS", "ENODATA"]);
// Attribute lists and most values fit; a longer one is asked again with the kernel's limit (XATTR_LIST_MAX, XATTR_SIZE_MAX).
const scratch = Buffer.alloc(4096);
const largest = 65_536;

/** Names of a path's extended attributes, ACLs included, links not followed; none where the file system has none. */
export function listXattrs(file: BytePath): readonly string[] {
  const name = terminated(file);
  return listed((list) => Number(ofPath.list(name, list, list.length)), toDisplay(file));
}

/** The value of one attribute, links not followed. */
export function getXattr(file: BytePath, attribute: string): Buffer {
  const name = terminated(file);
  return valueOf((value) => Number(ofPath.get(name, attribute, value, value.length)), toDisplay(file));
}

/** Names of an open file's extended attributes, as `listXattrs`. */
export function listXattrsOf(fd: number): readonly string[] {
  return listed((list) => Number(ofFile.list(fd, list, list.length)), `file ${fd}`);
}

/** The value of one attribute of an open file. */
export function getXattrOf(fd: number, attribute: string): Buffer {
  return valueOf((value) => Number(ofFile.get(fd, attribute, value, value.length)), `file ${fd}`);
}

function listed(call: (into: Buffer) => number, what: string): readonly string[] {
  let list = scratch;
  let length = call(list);
  if (length === 0) return noAttributes;
  if (length < 0 && lastCode() === "ERANGE") {
    list = Buffer.alloc(largest);
    length = call(list);
  }
  if (length < 0) {
    const code = lastCode();
    if (unsupported.has(code)) return noAttributes;
    throw systemError(code, "listxattr", what);
  }
  return list.toString("latin1", 0, length).split("\0").filter(Boolean);
}

function valueOf(call: (into: Buffer) => number, what: string): Buffer {
  let value = scratch;
  let length = call(value);
  if (length < 0 && lastCode() === "ERANGE") {
    value = Buffer.alloc(largest);
    length = call(value);
  }
  if (length < 0) throw systemError(lastCode(), "getxattr", what);
  return Buffer.from(value.subarray(0, length));
}

function terminated(file: BytePath): Buffer {
  return toBytes(`${file}\0`);
}

function lastCode(): string {
  return getSystemErrorName(-koffi.errno());
}

function systemError(code: string, call: string, what: string): Error {
  return Object.assign(new Error(`${call} ${what}: ${code}`), { code });
}
