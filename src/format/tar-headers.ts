import { type BytePath, isUtf8, toBytes } from "./byte-path.ts";
import { blockSize } from "./parse-tar-header.ts";
import { attributeRecords, paxRecord } from "./pax-records.ts";
import type { TarEntry } from "./tar-entry.ts";

const typeFlags: Readonly<Record<TarEntry["type"], string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  directory: "5",
  fifo: "6",
};
/** What the fields of an ustar header hold. */
const largestId = 0o7777777;
const largestSize = 0o77777777777;

/** Two blocks of zeros end a tar archive. */
export const endOfTar = Buffer.alloc(2 * blockSize);

/**
 * What stands before an entry's content in a tar archive: an extended header with all that an ustar header can't hold, and
 * that one. A file's content follows whole, holes as zeros, and is padded to blocks of 512 bytes.
 */
export function tarHeaders(entry: TarEntry): Buffer {
  const records = Buffer.concat(recordsOf(entry).map(([key, value]) => paxRecord(key, value)));
  return Buffer.concat([
    header({ name: "PaxHeader", flag: "x", size: records.length, mode: 0o644 }),
    records,
    Buffer.alloc(paddingAfter(records.length)),
    header({ name: "see-pax-header", flag: typeFlags[entry.type], size: sizeOf(entry), mode: entry.mode, entry }),
  ]);
}

/** How many bytes fill up the last block. */
export function paddingAfter(length: number): number {
  return (blockSize - (length % blockSize)) % blockSize;
}

function sizeOf({ type, size }: TarEntry): number {
  return type === "file" ? size : 0;
}

function recordsOf(entry: TarEntry): [key: string, value: Buffer][] {
  const { path, type, link, mtime, uid, gid } = entry;
  const name: BytePath = type === "directory" ? `${path}/` : path;
  const records: [string, Buffer][] = [];
  const add = (key: string, value: string): void => void records.push([key, Buffer.from(value)]);
  if (!isUtf8(name) || !isUtf8(link)) add("hdrcharset", "BINARY");
  records.push(["path", toBytes(name)]);
  if (link !== "") records.push(["linkpath", toBytes(link)]);
  add("mtime", timeText(mtime));
  if (uid > largestId) add("uid", String(uid));
  if (gid > largestId) add("gid", String(gid));
  if (sizeOf(entry) > largestSize) add("size", String(entry.size));
  for (const [attribute, value] of entry.xattrs) records.push(...attributeRecords(attribute, value));
  return records;
}

interface Header {
  name: string;
  flag: string;
  size: number;
  mode: number;
  entry?: TarEntry;
}

function header({ name, flag, size, mode, entry }: Header): Buffer {
  const block = Buffer.alloc(blockSize);
  const octal = (value: number, at: number, length: number): void =>
    void block.write(value.toString(8).padStart(length - 1, "0"), at, length - 1, "latin1");
  block.write(name, 0, "latin1");
  octal(mode, 100, 8);
  octal(Math.min(entry?.uid ?? 0, largestId), 108, 8);
  octal(Math.min(entry?.gid ?? 0, largestId), 116, 8);
  // The record has what does not fit.
  octal(size > largestSize ? 0 : size, 124, 12);
  octal(Math.min(Math.max(0, entry?.mtime.seconds ?? 0), largestSize), 136, 12);
  block.write("        ", 148, "latin1");
  block.write(flag, 156, "latin1");
  if (entry !== undefined && entry.link !== "") block.write("see-pax-header", 157, "latin1");
  block.write("ustar\0" + "00", 257, "latin1");
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  block[154] = 0;
  return block;
}

/** Seconds with nine decimals; those before 1970 count from the other side of the point than in a TarEntry. */
export function timeText({ seconds, nanoseconds }: TarEntry["mtime"]): string {
  const isNegative = seconds < 0 && nanoseconds > 0;
  const whole = isNegative ? seconds + 1 : seconds;
  const part = isNegative ? 1_000_000_000 - nanoseconds : nanoseconds;
  return `${isNegative && whole === 0 ? "-" : ""}${whole}.${String(part).padStart(9, "0")}`;
}
