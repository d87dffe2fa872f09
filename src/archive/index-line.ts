import type { IndexEntry } from "../contract/manifest.ts";
import { isUtf8, toBytes, toDisplay } from "../format/byte-path.ts";
import type { ReadEntry } from "./read-message.ts";

/** The start of an entry's line in the index: all of it but where it lies in the archive, which comes last. */
export function indexLine(entry: ReadEntry): string {
  const { path, type, size, mode, uid, gid, mtime, link, sha256 } = entry;
  const line: Omit<IndexEntry, "member" | "offset"> = {
    path: toDisplay(path),
    ...(isUtf8(path) ? {} : { path64: toBytes(path).toString("base64") }),
    type,
    size,
    mode,
    uid,
    gid,
    mtime,
    ...(link === undefined ? {} : { link: toDisplay(link) }),
    ...(link === undefined || isUtf8(link) ? {} : { link64: toBytes(link).toString("base64") }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
  return JSON.stringify(line).slice(0, -1);
}
