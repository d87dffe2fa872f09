import { Failure } from "../failure/failure.ts";
import type { BytePath } from "./byte-path.ts";

export const blockSize = 512;

/** The fields of a ustar header, before pax records are laid over them. */
export interface TarHeader {
  name: BytePath;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  type: string;
  link: BytePath;
}

/** Reads a ustar header of 512 bytes. Null for a block of zeros; throws `damaged` when its checksum or a number is wrong. */
export function parseTarHeader(block: Buffer): TarHeader | null {
  if (block[0] === 0 && block.every((byte) => byte === 0)) return null;
  let sum = 8 * 0x20;
  for (let at = 0; at < blockSize; at += 1) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  if (sum !== number(block, 148, 8)) throw new Failure("damaged", "the archive has a header whose checksum is wrong");
  if (block.toString("latin1", 257, 262) !== "ustar")
    throw new Failure("damaged", "the archive has a header that is not of the ustar or pax kind");
  const isPosix = block[262] === 0;
  const prefix = isPosix ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    mode: number(block, 100, 8),
    uid: number(block, 108, 8),
    gid: number(block, 116, 8),
    size: isBinary(block, 124) ? binary(block, 124, 12) : number(block, 124, 12),
    mtime: number(block, 136, 12),
    type: String.fromCharCode(block[156] ?? 0),
    link: text(block, 157, 100),
  };
}

function text(block: Buffer, start: number, length: number): BytePath {
  const end = block.indexOf(0, start);
  return block.toString("latin1", start, end < 0 || end > start + length ? start + length : end);
}

function isBinary(block: Buffer, start: number): boolean {
  return block[start] === 0x80;
}

/** A positive number in base 256 after the byte 0x80, as the size of a file above 8 GiB is written. */
function binary(block: Buffer, start: number, length: number): number {
  const bytes = block.subarray(start + 1, start + length);
  const value = Number(`0x${bytes.toString("hex")}`);
  if (!Number.isSafeInteger(value))
    throw new Failure("damaged", "the archive has a header with a number that can't be read");
  return value;
}

/** Octal digits with spaces or NULs around them. */
function number(block: Buffer, start: number, length: number): number {
  const digits = block.toString("latin1", start, start + length).replace(/^ +|[ \0]+$/gu, "");
  if (digits === "") return 0;
  if (!/^[0-7]+$/u.test(digits))
    throw new Failure("damaged", "the archive has a header with a number that can't be read");
  return Number.parseInt(digits, 8);
}
