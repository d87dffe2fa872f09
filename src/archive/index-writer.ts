import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type { Compression } from "../contract/settings.ts";
import type { BlockTable, Position } from "./block-table.ts";
import { compressBlock } from "./compress-block.ts";

/**
 * Writes `index.ndjson.gz`, a line an entry, in the order of the archive, as soon as an entry's block was written. Like an
 * archive it is made of gzip members, which hold whole lines.
 */
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
const memberSize = 512 * 1024;
const compression: Compression = { type: "gzip", level: 6 };

export function createIndexWriter(path: string, blocks: BlockTable): IndexWriter {
  const digest = createHash("sha256");
  const file = createWriteStream(path, { flags: "wx", mode: 0o600 });
  const done = finished(file);
  done.catch(() => undefined); // awaited in end()
  let waiting: { line: string; place: Position }[] = [];
  let lines = "";
  let entries = 0;
  let writing = Promise.resolve();

  async function write(member: Buffer): Promise<void> {
    const packed = await compressBlock(member, compression);
    digest.update(packed);
    if (!file.write(packed) && !file.destroyed) await Promise.race([once(file, "drain"), done]);
  }

  /** Compresses and writes the lines, while more are put together. */
  async function pack(): Promise<void> {
    await writing;
    writing = write(Buffer.from(lines));
    writing.catch(() => undefined); // awaited before the next one
    lines = "";
  }

  async function flush(): Promise<void> {
    let complete = 0;
    for (const { line, place } of waiting) {
      const member = blocks.offset(place.block);
      if (member === null) break;
      lines += `${line},"member":${member},"offset":${place.offset}}\n`;
      complete += 1;
    }
    waiting = waiting.slice(complete);
    entries += complete;
    if (lines.length >= memberSize) await pack();
  }

  return {
    add: (line, place) => void waiting.push({ line, place }),
    isFull: () => waiting.length >= fullAt,
    flush,
    async end() {
      await flush();
      if (waiting.length > 0) throw new Error(`${waiting.length} entries of the archive have no place`);
      if (lines !== "" || entries === 0) await pack();
      await writing;
      file.end();
      await done;
      return { entries, sha256: digest.digest("hex") };
    },
  };
}
