import { Readable } from "node:stream";
import type { PassResult } from "../contract/archive-session.ts";
import { appendEntry, sparseMap, type TarAppender } from "./append-entry.ts";
import { bigBlockSize, type Patch } from "./block-hashes.ts";
import type { EarlierBlock } from "./entry-cutter.ts";
import type { BatchEntry, ReadEntry } from "./read-message.ts";

/** Hands what was read to archiver, and knows what may be given back to the reader once the archive has it. */
export interface Feeder {
  /** `release` is called when the slab's contents are in the archive. */
  batch(slab: Buffer, entries: readonly BatchEntry[], release: () => void): void;
  /** Content of the last batch's last entry. */
  chunk(bytes: Buffer, release: () => void): void;
  /** Content of which that many blocks are the same as earlier ones, from `block` on. */
  same(block: number, count: number): void;
  /** Content of which one block is like an earlier one, but for the patch; `release` as for a chunk. */
  patch(block: number, patch: Patch, release: () => void): void;
  fileEnd(): void;
  /** What an earlier pass has of the block at that place of an entry's content; asked for in their order. */
  earlierBlock(entry: number, dataBytes: number): EarlierBlock | null;
  /** Told how far the archive is. */
  consumed(entries: number, dataBytes: number): void;
  /** What is in the archive. */
  progress(): Pick<PassResult, "entries" | "bytes">;
}

interface Holding {
  /** Released when this many entries are through … */
  entries: number;
  /** … or when so many bytes of the next one's data are. */
  dataBytes: number;
  release: () => void;
}

const noContent = Buffer.alloc(0);
/** Stands for content that is there already: archiver has to see its length. */
const placeholder = Buffer.alloc(bigBlockSize);

export function createFeeder(archive: TarAppender): Feeder {
  const holdings: Holding[] = [];
  const known: { entry: number; at: number; block: number; count: number; patch: Patch | null }[] = [];
  let sizes: number[] = []; // of entries that are not through
  let taken = 0; // entries at the start of `sizes` that are through
  let appended = 0;
  let through = 0;
  let bytesIn = 0;
  let bytesThrough = 0;
  let current: { content: Readable; bytes: number } | null = null;

  function hold(entries: number, dataBytes: number, release: () => void): void {
    holdings.push({ entries, dataBytes, release });
  }

  function append(entry: ReadEntry, content: Buffer | Readable): void {
    appendEntry(archive, entry, content);
    sizes.push(entry.size);
    appended += 1;
  }

  /** Gives how many bytes of the current entry's content have come. */
  function pushKnown(block: number, count: number, patch: Patch | null): number {
    if (current === null) throw new Error("content came without a file");
    known.push({ entry: appended - 1, at: current.bytes, block, count, patch });
    for (let pushed = 0; pushed < count; pushed += 1) current.content.push(placeholder);
    current.bytes += count * bigBlockSize;
    return current.bytes;
  }

  return {
    batch(slab, entries, release) {
      for (const { entry, at, length } of entries) {
        if (length !== undefined) append(entry, length === 0 ? noContent : slab.subarray(at, at + length));
        else {
          const content = new Readable({ read: () => undefined, highWaterMark: 1024 * 1024 });
          const map = entry.regions === undefined ? noContent : sparseMap(entry.regions);
          if (map.length > 0) content.push(map);
          append(entry, content);
          current = { content, bytes: map.length };
        }
      }
      hold(current === null ? appended : appended - 1, 0, release);
    },
    chunk(bytes, release) {
      if (current === null) throw new Error("content came without a file");
      current.content.push(bytes);
      current.bytes += bytes.length;
      hold(appended - 1, current.bytes, release);
    },
    same: (block, count) => void pushKnown(block, count, null),
    patch(block, patch, release) {
      hold(appended - 1, pushKnown(block, 1, patch), release);
    },
    earlierBlock(entry, dataBytes) {
      const [first] = known;
      if (first?.entry !== entry || first.at !== dataBytes) return null;
      const { block, patch } = first;
      first.at += bigBlockSize;
      first.block += 1;
      first.count -= 1;
      if (first.count === 0) known.shift();
      return { block, patch };
    },
    fileEnd() {
      if (current === null) throw new Error("a file ended that had not begun");
      current.content.push(null);
      current = null;
    },
    consumed(entries, dataBytes) {
      while (holdings[0] !== undefined) {
        const { entries: wanted, dataBytes: bytes, release } = holdings[0];
        if (entries < wanted || (entries === wanted && dataBytes < bytes)) break;
        holdings.shift();
        release();
      }
      for (; through < entries && taken < sizes.length; through += 1, taken += 1) bytesIn += sizes[taken] ?? 0;
      if (taken > 4096) {
        sizes = sizes.slice(taken);
        taken = 0;
      }
      through = entries;
      bytesThrough = dataBytes;
    },
    progress: () => ({ entries: Math.min(through, appended), bytes: bytesIn + bytesThrough }),
  };
}
