import { createHash, hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Compression } from "../contract/settings.ts";
import { BlockTable, type Position } from "./block-table.ts";
import { compressBlock } from "./compress-block.ts";

/** Plain bytes after which a block ends at the next entry's start; blocks of a big file's content have just as many. */
const targetSize = 1024 * 1024;
/** Plain bytes that a block never has more of; an entry goes on in the next. */
const largestSize = targetSize + targetSize / 2;
/** Blocks that are compressed or wait to be written at one time: libuv's four threads stay busy while one block is late. */
const blocksInFlight = 8;

/**
 * Collects plain tar bytes in blocks, compresses each on its own, and writes them one after another: the members of an
 * archive. The content of a big file is cut at its own whole MiB, so that the same content gives the same blocks.
 */
export interface BlockWriter {
  readonly blocks: BlockTable;
  /** The place of an entry whose first byte is written next; begins a new block where the current one is full. */
  startEntry(): Position;
  /** Takes `bytes[from, to)`, and keeps nothing of `bytes` itself. */
  write(bytes: Buffer, from: number, to: number): void;
  /** What is written next is a big file's content … */
  startBig(): void;
  /** … and was its end. */
  endBig(): void;
  /** Ends the block that is being filled; gives the place of what is written next. */
  cut(): Position;
  /** Writes a block that is compressed already; gives its number. */
  copy(stored: Promise<Buffer>, plain: number): number;
  /**
   * Another pass begins: content of big files that was written before is used again. In a `hurry` blocks are written as they
   * are: compressing them is left for later.
   */
  again(hurry: boolean): void;
  /** Null while more may be written; else a promise that whoever writes waits for first, after a MiB at the latest. */
  room(): Promise<void> | null;
  /** Resolves once all is written that was cut. */
  written(): Promise<void>;
  /** The same, of everything; gives the file's size and checksum. */
  end(): Promise<{ bytes: number; sha256: string }>;
}

export interface BlockWriterOptions {
  compression: Compression;
  /** Whether blocks of big files are remembered, to be used again where the same content comes again. */
  reuse: boolean;
}

export function createBlockWriter(file: FileHandle, { compression, reuse }: BlockWriterOptions): BlockWriter {
  const digest = createHash("sha256");
  const blocks = new BlockTable();
  const known = new Map<string, number>();
  const idle: Buffer[] = [];
  const inFlight: Promise<void>[] = [];
  let block: Buffer = Buffer.allocUnsafeSlow(largestSize);
  let used = 0;
  let limit = largestSize;
  let big = false;
  let passes = 1;
  let hurried = false;
  let written = 0;
  let lastWrite = Promise.resolve();

  function close(): void {
    if (used === 0) return;
    const full = block.subarray(0, used);
    used = 0;
    const key = big && reuse ? hash("sha256", full, "binary") : null;
    const same = key === null || passes === 1 ? undefined : known.get(key);
    if (same !== undefined) {
      blocks.addSame(same);
      return;
    }
    const number = blocks.add(full.length, hurried);
    if (key !== null) known.set(key, number);
    const free = block;
    enqueue(number, hurried ? Promise.resolve(full) : compressBlock(full, compression), () => idle.push(free));
    block = idle.pop() ?? Buffer.allocUnsafeSlow(largestSize);
  }

  function enqueue(number: number, stored: Promise<Buffer>, done: () => void): void {
    const before = lastWrite;
    lastWrite = (async () => {
      const [bytes] = await Promise.all([stored, before]);
      blocks.settle(number, written, bytes.length);
      digest.update(bytes);
      await writeAll(file, bytes);
      written += bytes.length;
      done();
    })();
    lastWrite.catch(() => undefined); // it is awaited in room(), written() or end()
    inFlight.push(lastWrite);
  }

  function cut(): Position {
    close();
    return { block: blocks.length, offset: 0 };
  }

  return {
    blocks,
    startEntry() {
      if (used >= targetSize) close();
      return { block: blocks.length, offset: used };
    },
    write(bytes, from, to) {
      for (let at = from; at < to;) {
        const copied = bytes.copy(block, used, at, Math.min(to, at + limit - used));
        at += copied;
        used += copied;
        if (used === limit) close();
      }
    },
    startBig() {
      close();
      big = true;
      limit = targetSize;
    },
    endBig() {
      big = false; // the last piece, which is shorter, goes on with what follows
      limit = largestSize;
    },
    cut,
    copy(stored, plain) {
      close();
      const number = blocks.add(plain, false);
      stored.catch(() => undefined); // it is awaited in its turn
      enqueue(number, stored, () => undefined);
      return number;
    },
    again(hurry) {
      close();
      passes += 1;
      hurried = hurry;
    },
    room: () => (inFlight.length < blocksInFlight ? null : (inFlight.shift() ?? null)),
    async written() {
      close();
      await lastWrite;
    },
    async end() {
      close();
      await lastWrite;
      return { bytes: written, sha256: digest.digest("hex") };
    },
  };
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at);
    at += bytesWritten;
  }
}
