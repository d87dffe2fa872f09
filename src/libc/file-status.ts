import { constants } from "node:fs";
import { getSystemErrorName } from "node:util";
import koffi from "koffi";
import { type BytePath, toDisplay } from "../format/byte-path.ts";
import { loadLibc } from "./load-libc.ts";

/*
 * statx(2), called by an open directory and a name in it, so that no link that somebody puts into the path meanwhile is
 * followed, and into one buffer, since a catch-up asks it of every file of a module while the module is held.
 */
const syscall = loadLibc().func(
  "long syscall(long number, int at, const uint8_t *path, int flags, uint mask, uint8_t *status)",
);
const statxNumber = process.arch === "arm64" ? 291 : 332;
const noFollow = 0x100; // AT_SYMLINK_NOFOLLOW
const emptyPath = 0x1000; // AT_EMPTY_PATH
const basicAndBirth = 0xfff; // STATX_BASIC_STATS | STATX_BTIME
const nameBytes = Buffer.alloc(8192);

/** Bytes of `FileStatus.signature`. */
export const signatureSize = 72;

/** A file's status, with the layout of `struct statx` (linux/stat.h). Holds until it is asked for the next file. */
export class FileStatus {
  readonly bytes = Buffer.alloc(256);

  get linkCount(): number {
    return this.bytes.readUInt32LE(16);
  }
  get uid(): number {
    return this.bytes.readUInt32LE(20);
  }
  get gid(): number {
    return this.bytes.readUInt32LE(24);
  }
  /** The twelve permission bits. */
  get permissions(): number {
    return this.bytes.readUInt16LE(28) & 0o7777;
  }
  get size(): number {
    return Number(this.bytes.readBigUInt64LE(40));
  }
  /** Bytes that are allocated on the disk. */
  get allocated(): number {
    return Number(this.bytes.readBigUInt64LE(48)) * 512;
  }
  get isDirectory(): boolean {
    return this.#isType(constants.S_IFDIR);
  }
  get isFile(): boolean {
    return this.#isType(constants.S_IFREG);
  }
  get isLink(): boolean {
    return this.#isType(constants.S_IFLNK);
  }
  get isFifo(): boolean {
    return this.#isType(constants.S_IFIFO);
  }
  get isSocket(): boolean {
    return this.#isType(constants.S_IFSOCK);
  }
  /** Seconds since 1970 with nine decimals. */
  get mtime(): string {
    const seconds = this.bytes.readBigInt64LE(112);
    const nanoseconds = seconds * 1_000_000_000n + BigInt(this.bytes.readUInt32LE(120));
    const digits = (nanoseconds < 0n ? -nanoseconds : nanoseconds).toString().padStart(10, "0");
    return `${nanoseconds < 0n ? "-" : ""}${digits.slice(0, -9)}.${digits.slice(-9)}`;
  }
  /** Which file it is: two names with one identity are links to one file. Its birth counts, since numbers are used again. */
  get identity(): string {
    return (
      this.bytes.toString("latin1", 32, 40) +
      this.bytes.toString("latin1", 80, 92) +
      this.bytes.toString("latin1", 136, 144)
    );
  }
  /** What differs once anything about the file was changed: its number, owner, mode, links, size, mtime and ctime. */
  writeSignature(into: Buffer, at: number): void {
    this.bytes.copy(into, at, 16, 48);
    this.bytes.copy(into, at + 32, 96, 128);
    this.bytes.copy(into, at + 64, 136, 144);
  }
  /** Whether content or status may have changed at or after an instant (whole seconds, nanoseconds). */
  changedSince(seconds: number, nanoseconds: number): boolean {
    return this.#isSince(96, seconds, nanoseconds) || this.#isSince(112, seconds, nanoseconds);
  }

  #isType(type: number): boolean {
    return (this.bytes.readUInt16LE(28) & constants.S_IFMT) === type;
  }
  #isSince(field: number, seconds: number, nanoseconds: number): boolean {
    const own = Number(this.bytes.readBigInt64LE(field));
    return own > seconds || (own === seconds && this.bytes.readUInt32LE(field + 8) >= nanoseconds);
  }
}

/** The current directory, for a name that is an absolute path. */
export const workingDirectory = -100; // AT_FDCWD

/** The status of a name in an open directory; a link's is its own. Throws an Error with `code`. */
export function statusAt(at: number, name: BytePath, into: FileStatus): void {
  nameBytes[nameBytes.write(name, 0, nameBytes.length - 1, "latin1")] = 0;
  if (Number(syscall(statxNumber, at, nameBytes, noFollow, basicAndBirth, into.bytes)) < 0) throw failed(name);
}

/** The status of an open file. */
export function statusOf(fd: number, into: FileStatus): void {
  nameBytes[0] = 0;
  if (Number(syscall(statxNumber, fd, nameBytes, emptyPath, basicAndBirth, into.bytes)) < 0) throw failed("");
}

function failed(name: BytePath): Error {
  const code = getSystemErrorName(-koffi.errno());
  return Object.assign(new Error(`${code}: statx '${toDisplay(name)}'`), { code });
}
