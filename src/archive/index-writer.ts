import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { BlockTable, Position } from "./block-table.ts";

/** Writes `index.ndjson.gz`, a line an entry, in the order of the archive, as soon as an entry's block was written. */
export interface IndexWriter {
  /** Notes an entry: its line up to where it lies (see `indexLine`), and its place. */
  add(line: string, place: Position): void;
  /** Whether so much waits that it should be flushed. */
  isFull(): boolean;
  /** Writes what has become complete; waits while the disk is behind. */
  flush(): Promise<void>;
  end(): Promise<{ entries: number; sha256: string }>;
}

const fullAt = 1024;

export function createIndexWriter(path: string, blocks: BlockTable): IndexWriter {
  const digest = createHash("sha256");
  const gzip = createGzip({ level: 6 });
  const file = createWriteStream(path, { flags: "wx", mode: 0o600 });
  const done = finished(file);
  done.catch(() => undefined); // awaited in end()
  gzip.on("data", (chunk: Buffer) => digest.update(chunk));
  gzip.on("error", (error) => file.destroy(error));
  file.on("error", (error) => gzip.destroy(error));
  gzip.pipe(file);
  let waiting: { line: string; place: Position }[] = [];
  let entries = 0;

  async function flush(): Promise<void> {
    let complete = 0;
    let lines = "";
    for (const { line, place } of waiting) {
      const member = blocks.offset(place.block);
      if (member === null) break;
      lines += `${line},"member":${member},"offset":${place.offset}}\n`;
      complete += 1;
    }
    if (complete === 0) return;
    waiting = waiting.slice(complete);
    entries += complete;
    if (!gzip.write(lines) && !gzip.destroyed) await Promise.race([once(gzip, "drain"), done]);
  }

  return {
    add: (line, place) => void waiting.push({ line, place }),
    isFull: () => waiting.length >= fullAt,
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
