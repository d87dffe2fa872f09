import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { IndexEntry } from "../contract/manifest.ts";
import { isUtf8, toBytes, toDisplay } from "../format/byte-path.ts";
import type { Place } from "./member-writer.ts";
import type { ReadEntry } from "./read-message.ts";

/** Writes `index.ndjson.gz`, a line an entry, in the order of the archive, as soon as an entry's place and hash are known. */
export interface IndexWriter {
  /** Notes an entry; its line is written once `place.member` and, for a file, `entry.sha256` are there. */
  add(entry: ReadEntry, place: Place): void;
  /** Writes what has become complete; waits while the disk is behind. */
  flush(): Promise<void>;
  end(): Promise<{ entries: number; sha256: string }>;
}

export function createIndexWriter(path: string): IndexWriter {
  const digest = createHash("sha256");
  const gzip = createGzip({ level: 6 });
  const file = createWriteStream(path, { flags: "wx", mode: 0o600 });
  const done = finished(file);
  done.catch(() => undefined); // awaited in end()
  gzip.on("data", (chunk: Buffer) => digest.update(chunk));
  gzip.on("error", (error) => file.destroy(error));
  file.on("error", (error) => gzip.destroy(error));
  gzip.pipe(file);
  let waiting: { entry: ReadEntry; place: Place }[] = [];
  let entries = 0;

  async function flush(): Promise<void> {
    let complete = 0;
    let lines = "";
    for (const { entry, place } of waiting) {
      if (place.member === null || (entry.type === "file" && entry.sha256 === undefined)) break;
      lines += `${JSON.stringify(indexLine(entry, place.member, place.offset))}\n`;
      complete += 1;
    }
    if (complete === 0) return;
    waiting = waiting.slice(complete);
    entries += complete;
    if (!gzip.write(lines) && !gzip.destroyed) await Promise.race([once(gzip, "drain"), done]);
  }

  return {
    add: (entry, place) => void waiting.push({ entry, place }),
    flush,
    async end() {
      await flush();
      if (waiting.length > 0) throw new Error(`${waiting.length} entries of the archive have no place`);
      gzip.end();
      await done;
      return { entries, sha256: digest.digest("hex") };
    },
  };
}

function indexLine(entry: ReadEntry, member: number, offset: number): IndexEntry {
  const { path, type, size, mode, uid, gid, mtime, link, sha256 } = entry;
  return {
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
    member,
    offset,
  };
}
