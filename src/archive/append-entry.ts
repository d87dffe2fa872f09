import { Stats } from "node:fs";
import type { Readable } from "node:stream";
import { type BytePath, isUtf8, toBytes } from "../format/byte-path.ts";
import { attributeRecords, paxRecord } from "../format/pax-records.ts";
import type { ReadEntry } from "./read-message.ts";

/** The name under which a pax header stands where we write its records ourselves; the member cutter looks for it. */
export const paxHeaderName = "DavitPaxHeader";

/** The part of archiver's TarArchive that entries go through, with what it takes and its types leave out. */
export interface TarAppender {
  append(source: Buffer | Readable, data?: TarEntry): unknown;
}

interface TarEntry {
  name: string;
  type?: string;
  date?: Date | string;
  mode?: number;
  stats?: Stats;
  uid?: number;
  gid?: number;
  linkname?: string;
  pax?: Record<string, string>;
}

const largestId = 0o7777777; // what an ustar header holds
const largestSize = 0o77777777777;

/**
 * Hands one entry to archiver. What archiver's own pax support can't say (names with bytes that are not ASCII, or that it
 * would rewrite; attributes, whose values are binary; sparse maps) goes as a pax header that we write, as a file named
 * `paxHeaderName` before the entry; the member cutter makes a header of it. docs/format.md has the records.
 *
 * A content that is a stream must give exactly the stored size: all regions and, for a sparse file, the map before them.
 */
export function appendEntry(archive: TarAppender, entry: ReadEntry, content: Buffer | Readable): void {
  const stored = storedSize(entry);
  const shared = {
    type: entry.type === "hardlink" ? "link" : entry.type,
    date: new Date(Math.max(0, Number.parseInt(entry.mtime, 10)) * 1000),
    mode: entry.mode,
    uid: Math.min(entry.uid, largestId),
    gid: Math.min(entry.gid, largestId),
    ...(Buffer.isBuffer(content) ? {} : { stats: sized(stored) }),
  };
  if (isPlain(entry)) {
    const data = {
      ...shared,
      name: entry.path,
      ...(entry.link === undefined ? {} : { linkname: entry.link }),
      pax: Object.fromEntries(numberRecords(entry, stored)),
    };
    archive.append(content, data);
    return;
  }
  const header = { type: "file", name: paxHeaderName, mode: 0o644, date: new Date(0) };
  archive.append(paxRecords(entry, stored), header);
  const data = {
    ...shared,
    name: "see-pax-header",
    ...(entry.link === undefined ? {} : { linkname: "see-pax-header" }),
  };
  archive.append(content, data);
}

/** The bytes of an entry's data in the archive. */
function storedSize(entry: ReadEntry): number {
  if (entry.regions === undefined) return entry.size;
  return sparseMap(entry.regions).length + entry.regions.reduce((sum, [, length]) => sum + length, 0);
}

/** The map before a sparse file's data (GNU sparse format 1.0): decimal numbers on lines, padded to whole tar records. */
export function sparseMap(regions: NonNullable<ReadEntry["regions"]>): Buffer {
  const text = [regions.length, ...regions.flat()].map((number) => `${number}\n`).join("");
  const map = Buffer.alloc(Math.ceil(text.length / 512) * 512);
  map.write(text, "latin1");
  return map;
}

function isPlain(entry: ReadEntry): boolean {
  if (entry.attributes !== undefined || entry.regions !== undefined) return false;
  return survivesArchiver(entry.path) && (entry.link === undefined || isPrintable(entry.link));
}

/** Whether archiver leaves a name as it is: it rewrites backslashes and anything that looks like a drive. */
function survivesArchiver(path: BytePath): boolean {
  return isPrintable(path) && !/[\\:]|\/\/|^\.|\/$/u.test(path);
}

function isPrintable(path: BytePath): boolean {
  return /^[ -~]+$/u.test(path);
}

function numberRecords(entry: ReadEntry, stored: number): [string, string][] {
  const records: [string, string][] = [["mtime", entry.mtime]];
  if (entry.uid > largestId) records.push(["uid", String(entry.uid)]);
  if (entry.gid > largestId) records.push(["gid", String(entry.gid)]);
  if (stored > largestSize) records.push(["size", String(stored)]);
  return records;
}

function paxRecords(entry: ReadEntry, stored: number): Buffer {
  const records: [string, Buffer][] = [];
  const name = entry.type === "directory" ? `${entry.path}/` : entry.path;
  if (!isUtf8(name) || (entry.link !== undefined && !isUtf8(entry.link))) {
    records.push(["hdrcharset", Buffer.from("BINARY")]);
  }
  if (entry.regions === undefined) records.push(["path", toBytes(name)]);
  else {
    records.push(["GNU.sparse.major", Buffer.from("1")], ["GNU.sparse.minor", Buffer.from("0")]);
    records.push(["GNU.sparse.name", toBytes(name)], ["GNU.sparse.realsize", Buffer.from(String(entry.size))]);
  }
  if (entry.link !== undefined) records.push(["linkpath", toBytes(entry.link)]);
  for (const [key, value] of numberRecords(entry, stored)) records.push([key, Buffer.from(value)]);
  for (const [attribute, bytes] of entry.attributes ?? [])
    records.push(...attributeRecords(attribute, Buffer.from(bytes)));
  return Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
}

function sized(size: number): Stats {
  return Object.assign(Object.create(Stats.prototype), { size });
}
