import type { IndexEntry } from "../contract/manifest.ts";
import { Failure } from "../failure/failure.ts";
import { toBytes } from "../format/byte-path.ts";
import { entryLink, entryPath } from "../format/read-index.ts";
import { entryTypes } from "./columns.ts";
import type { LastPath, ScannedLine } from "./line-scanner.ts";
import { sharedLength, viewed } from "./scan-bytes.ts";

/**
 * A parsed line of an index as `LineScanner` gives one, with the bytes that its ranges are of; `last` is the path of the line
 * before. Throws a `damaged` Failure for a time or a checksum that is none.
 */
export function entryLine(entry: IndexEntry, last: LastPath): { bytes: Buffer; line: ScannedLine } {
  const path = toBytes(entryPath(entry));
  const link = toBytes(entryLink(entry));
  const bytes = Buffer.concat([path, link]);
  const { size, mode, uid, gid, member, offset } = entry;
  const line = {
    pathStart: 0,
    pathEnd: path.length,
    shared: sharedLength(viewed(path), 0, last, last.length),
    linkStart: path.length,
    linkEnd: bytes.length,
    type: entryTypes.indexOf(entry.type),
    size,
    mode,
    uid,
    gid,
    member,
    offset,
    ...timeOf(entry),
    sha256: shaOf(entry),
  };
  return { bytes, line };
}

function timeOf({ mtime }: IndexEntry): Pick<ScannedLine, "seconds" | "nanoseconds"> {
  const time = /^(-?)(\d{1,15})\.(\d{9})$/u.exec(mtime);
  if (time === null) throw new Failure("damaged", `it has a time that can't be: ${mtime}`);
  const seconds = Number(time[2]);
  return { seconds: time[1] === "" ? seconds : -seconds, nanoseconds: Number(time[3]) };
}

function shaOf({ sha256 }: IndexEntry): Uint32Array {
  const words = new Uint32Array(8);
  if (sha256 === undefined) return words;
  if (!/^[0-9a-f]{64}$/u.test(sha256)) throw new Failure("damaged", "it has a checksum that is none");
  const bytes = Buffer.from(sha256, "hex");
  return words.map((_, at) => bytes.readUInt32BE(at * 4));
}
