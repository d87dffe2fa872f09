import { Readable } from "node:stream";
import type { Counts } from "../contract/manifest.ts";
import type { Progress } from "../contract/run-event.ts";
import { appendEntry, sparseMap, type TarAppender } from "./append-entry.ts";
import type { BatchEntry, ReadEntry } from "./read-message.ts";

/** Hands what was read to archiver, and knows what may be given back to the reader once the archive has it. */
export interface Feeder {
  /** `release` is called when the slab's contents are in the archive. */
  batch(slab: Buffer, entries: readonly BatchEntry[], release: () => void): void;
  /** Content of the last batch's last entry. */
  chunk(bytes: Buffer, release: () => void): void;
  fileEnd(sha256: string): void;
  /** Told how far the archive is; gives the entries that are through since the last call. */
  consumed(entries: number, dataBytes: number): ReadEntry[];
  progress(): Progress;
  counts(): Omit<Counts, "bytesOut">;
}

interface Holding {
  /** Released when this many entries are through … */
  entries: number;
  /** … or when so many bytes of the next one's data are. */
  dataBytes: number;
  release: () => void;
}

const noContent = Buffer.alloc(0);
const counted = {
  file: "files",
  directory: "directories",
  symlink: "symlinks",
  hardlink: "hardLinks",
  fifo: "fifos",
} as const;

export function createFeeder(archive: TarAppender): Feeder {
  const holdings: Holding[] = [];
  const counts = { files: 0, directories: 0, symlinks: 0, hardLinks: 0, fifos: 0, bytesIn: 0 };
  let pending: ReadEntry[] = [];
  let appended = 0;
  let through = 0;
  let bytesThrough = 0;
  let current: { entry: ReadEntry; content: Readable; bytes: number } | null = null;

  function hold(entries: number, dataBytes: number, release: () => void): void {
    holdings.push({ entries, dataBytes, release });
  }

  function append(entry: ReadEntry, content: Buffer | Readable): void {
    appendEntry(archive, entry, content);
    pending.push(entry);
    appended += 1;
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
          current = { entry, content, bytes: map.length };
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
    fileEnd(sha256) {
      if (current === null) throw new Error("a file ended that had not begun");
      current.entry.sha256 = sha256;
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
      const finished = pending.slice(0, entries - through);
      pending = pending.slice(entries - through);
      through = entries;
      bytesThrough = dataBytes;
      for (const entry of finished) {
        counts[counted[entry.type]] += 1;
        counts.bytesIn += entry.size;
      }
      return finished;
    },
    progress: () => ({
      entries: Math.min(through, appended),
      bytes: counts.bytesIn + bytesThrough,
      totalEntries: null,
      totalBytes: null,
    }),
    counts: () => counts,
  };
}
