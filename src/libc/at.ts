import { closeSync, constants } from "node:fs";
import { getSystemErrorName } from "node:util";
import koffi from "koffi";
import { type BytePath, toBytes, toDisplay } from "../format/byte-path.ts";
import { loadLibc } from "./load-libc.ts";

/**
 * The kernel's calls that name a file by an open directory and a name in it. With them a restore never resolves a path
 * twice, so that nobody can slip a link into it between the check and the use. All are synchronous and throw an Error with
 * `code` (`EEXIST`, …) and `path`.
 */

const library = loadLibc();

const calls = {
  // openat2 has no wrapper in any libc; the number is the same on every architecture that Node runs on.
  openat2: library.func("long syscall(long number, int at, const uint8_t *path, const uint8_t *how, size_t size)"),
  openat: library.func("int openat(int at, const uint8_t *path, int flags, uint mode)"),
  mkdirat: library.func("int mkdirat(int at, const uint8_t *path, uint mode)"),
  linkat: library.func("int linkat(int from, const uint8_t *old, int to, const uint8_t *new, int flags)"),
  symlinkat: library.func("int symlinkat(const uint8_t *target, int at, const uint8_t *path)"),
  unlinkat: library.func("int unlinkat(int at, const uint8_t *path, int flags)"),
  renameat: library.func("int renameat(int from, const uint8_t *old, int to, const uint8_t *new)"),
  mkfifoat: library.func("int mkfifoat(int at, const uint8_t *path, uint mode)"),
  fchownat: library.func("int fchownat(int at, const uint8_t *path, uint uid, uint gid, int flags)"),
  utimensat: library.func("int utimensat(int at, const uint8_t *path, const uint8_t *times, int flags)"),
  futimens: library.func("int futimens(int fd, const uint8_t *times)"),
  fsetxattr: library.func("int fsetxattr(int fd, const uint8_t *name, const uint8_t *value, size_t size, int flags)"),
  lsetxattr: library.func(
    "int lsetxattr(const uint8_t *path, const uint8_t *name, const uint8_t *value, size_t size, int flags)",
  ),
  fremovexattr: library.func("int fremovexattr(int fd, const uint8_t *name)"),
  syncfs: library.func("int syncfs(int fd)"),
};

const openat2Number = 437;
// RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS, of linux/openat2.h.
const resolveStrictly = 0x08 | 0x04 | 0x02;
const noFollow = 0x100; // AT_SYMLINK_NOFOLLOW
const pathOnly = 0o10000000; // O_PATH
const closeOnExec = 0o2000000; // O_CLOEXEC

let openat2Works = true;

/** Opens a directory below `at` for lookups only (`"."` is `at` itself). A link anywhere on the way is ELOOP or ENOTDIR, a way out EXDEV. */
export function openDirectoryBeneath(at: number, path: BytePath): number {
  if (!openat2Works) return walkBeneath(at, path);
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(pathOnly | constants.O_DIRECTORY | closeOnExec), 0);
  how.writeBigUInt64LE(BigInt(resolveStrictly), 16);
  const fd = Number(calls.openat2(openat2Number, at, terminated(path), how, how.length));
  if (fd >= 0) return fd;
  const error = lastError("openat2", path);
  // Kernels before 5.6 do not know the call, and the seccomp profiles of old engines answer EPERM to what they don't know.
  if (error.code !== "ENOSYS" && error.code !== "EPERM") throw error;
  openat2Works = false;
  return walkBeneath(at, path);
}

/** `openDirectoryBeneath` for kernels without openat2: one step a name, none of which may be a link or `..`. */
export function walkBeneath(at: number, path: BytePath): number {
  let fd = check(calls.openat(at, terminated("."), pathOnly | constants.O_DIRECTORY | closeOnExec, 0), "openat", path);
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      closeSync(fd);
      throw codedError("EXDEV", "openat", path);
    }
    const flags = pathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW | closeOnExec;
    const next: unknown = calls.openat(fd, terminated(name), flags, 0);
    const error = Number(next) < 0 ? lastError("openat", path) : null;
    closeSync(fd);
    if (error !== null) throw error;
    fd = Number(next);
  }
  return fd;
}

/** Opens one name in a directory, never through a link. */
export function openAt(at: number, name: BytePath, flags: number, mode = 0): number {
  return check(calls.openat(at, terminated(name), flags | constants.O_NOFOLLOW | closeOnExec, mode), "openat", name);
}

export function mkdirAt(at: number, name: BytePath, mode: number): void {
  check(calls.mkdirat(at, terminated(name), mode), "mkdirat", name);
}

/** Makes a hard link; a symbolic link is linked itself. */
export function linkAt(fromAt: number, from: BytePath, toAt: number, to: BytePath): void {
  check(calls.linkat(fromAt, terminated(from), toAt, terminated(to), 0), "linkat", to);
}

export function symlinkAt(target: BytePath, at: number, name: BytePath): void {
  check(calls.symlinkat(terminated(target), at, terminated(name)), "symlinkat", name);
}

export function unlinkAt(at: number, name: BytePath): void {
  check(calls.unlinkat(at, terminated(name), 0), "unlinkat", name);
}

export function renameAt(at: number, from: BytePath, to: BytePath): void {
  moveAt(at, from, at, to);
}

/** Renames a name of one directory into another one. */
export function moveAt(fromAt: number, from: BytePath, toAt: number, to: BytePath): void {
  check(calls.renameat(fromAt, terminated(from), toAt, terminated(to)), "renameat", to);
}

export function mkfifoAt(at: number, name: BytePath, mode: number): void {
  check(calls.mkfifoat(at, terminated(name), mode), "mkfifoat", name);
}

/** Sets the owner of a name, not following a link. */
export function chownAt(at: number, name: BytePath, uid: number, gid: number): void {
  check(calls.fchownat(at, terminated(name), uid, gid, noFollow), "fchownat", name);
}

/** Sets modification and access time of a name, not following a link. */
export function setTimesAt(at: number, name: BytePath, seconds: number, nanoseconds: number): void {
  check(calls.utimensat(at, terminated(name), times(seconds, nanoseconds), noFollow), "utimensat", name);
}

/** Sets modification and access time of an open file. */
export function setTimesOf(fd: number, seconds: number, nanoseconds: number): void {
  check(calls.futimens(fd, times(seconds, nanoseconds)), "futimens", "");
}

export function setXattrOf(fd: number, name: BytePath, value: Buffer): void {
  check(calls.fsetxattr(fd, terminated(name), value, value.length, 0), "fsetxattr", name);
}

/** Sets an extended attribute of a symbolic link itself. */
export function setXattrAt(at: number, name: BytePath, attribute: BytePath, value: Buffer): void {
  const path = terminated(throughDirectory(at, name));
  check(calls.lsetxattr(path, terminated(attribute), value, value.length, 0), "lsetxattr", name);
}

/** Takes an extended attribute away; one that isn't there is fine. */
export function removeXattrOf(fd: number, name: BytePath): void {
  if (Number(calls.fremovexattr(fd, terminated(name))) >= 0) return;
  const error = lastError("fremovexattr", name);
  if (error.code !== "ENODATA" && error.code !== "EOPNOTSUPP") throw error;
}

/** Writes everything of the file system that holds `fd` to its disk. */
export function syncFileSystemOf(fd: number): void {
  check(calls.syncfs(fd), "syncfs", "");
}

/** The name as the kernel can reach it for the few calls that take no directory. */
function throughDirectory(at: number, name: BytePath): BytePath {
  return `/proc/self/fd/${at}/${name}`;
}

function terminated(path: BytePath): Buffer {
  return toBytes(`${path}\0`);
}

function times(seconds: number, nanoseconds: number): Buffer {
  const both = Buffer.allocUnsafe(32);
  for (const start of [0, 16]) {
    both.writeBigInt64LE(BigInt(seconds), start);
    both.writeBigInt64LE(BigInt(nanoseconds), start + 8);
  }
  return both;
}

function check(result: unknown, call: string, path: BytePath): number {
  const value = Number(result);
  if (value < 0) throw lastError(call, path);
  return value;
}

function lastError(call: string, path: BytePath): Error & { code: string } {
  return codedError(getSystemErrorName(-koffi.errno()), call, path);
}

function codedError(code: string, call: string, path: BytePath): Error & { code: string } {
  return Object.assign(new Error(`${code}: ${call} '${toDisplay(path)}'`), { code, path: toDisplay(path) });
}
