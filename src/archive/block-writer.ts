import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Compression } from "../contract/settings.ts";
import { bigBlockSize, BlockHashes, type Patch } from "./block-hashes.ts";
import { BlockTable, type Position } from "./block-table.ts";
import { compressBlock } from "./compress-block.ts";

/** Plain bytes after which a block ends at the next entry's start. */
const targetSize = bigBlockSize;
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
  /** Of the blocks of big files' content. */
  readonly hashes: BlockHashes;
  /** The place of an entry whose first byte is written next; begins a new block where the current one is full. */
  startEntry(): Position;
  /** Takes `bytes[from, to)`, and keeps nothing of `bytes` itself. */
  write(bytes: Buffer, from: number, to: number): void;
  /** What is written next is a big file's content, from this block on … */
  startBig(): number;
  /** … and was its end. */
  endBig(): void;
  /** The next block of a big file's content is the same as an earlier one, but for the patch, if there is one. */
  same(block: number, patch: Patch | null): void;
  /** Ends the block that is being filled; gives the place of what is written next. */
  cut(): Position;
  /** Writes a block that is compressed already; gives its number. */
  copy(stored: Promise<Buffer>, plain: number): number;
  /** From here on blocks are written as they are, and compressing them is left for later, or not. */
  hurry(hurried: boolean): void;
  /** Null while more may be written; else a promise that whoever writes waits for first, after a MiB at the latest. */
  room(): Promise<void> | null;
  /** Resolves once all is written that was cut. */
  written(): Promise<void>;
  /** The same, of everything; gives the file's size and checksum. */
  end(): Promise<{ bytes: number; sha256: string }>;
}

export interface BlockWriterOptions {
  compression: Compression;
  /** Whether the blocks of big files' content are hashed, so that a later pass can tell which are still the same. */
  hashed: boolean;
}

export function createBlockWriter(file: FileHandle, { compression, hashed }: BlockWriterOptions): BlockWriter {
  const digest = createHash("sha256");
  const blocks = new BlockTable();
  const hashes = new BlockHashes();
  const idle: Buffer[] = [];
  const inFlight: Promise<void>[] = [];
  let block: Buffer = Buffer.allocUnsafeSlow(largestSize);
  let used = 0;
  let limit = largestSize;
  let big = false;
  let hurried = false;
  let written = 0;
  let lastWrite = Promise.resolve();

  function close(): void {
    if (used === 0) return;
    const full = block.subarray(0, used);
    used = 0;
    const number = blocks.add(full.length, hurried);
    if (big && hashed && !hurried) hashes.add(number, full);
    const free = block;
    enqueue(number, hurried, hurried ? Promise.resolve(full) : compressBlock(full, compression), () => idle.push(free));
    block = idle.pop() ?? Buffer.allocUnsafeSlow(largestSize);
  }

  function enqueue(number: number, raw: boolean, stored: Promise<Buffer>, done: () => void): void {
    const before = lastWrite;
    lastWrite = (async () => {
      const [bytes] = await Promise.all([stored, before]);
      blocks.settle(number, written, bytes.length);
      if (!raw) digest.update(bytes); // a file with raw blocks is not the archive, and nobody asks for its checksum
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
    hashes,
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
      limit = bigBlockSize;
      return blocks.length;
    },
    endBig() {
      big = false; // the last piece, which is shorter, goes on with what follows
      limit = largestSize;
    },
    same(earlier, patch) {
      if (used > 0) throw new Error("a block that is the same began in the middle of another");
      const number = patch === null ? blocks.addSame(earlier) : blocks.addPatch(earlier);
      if (!hurried) hashes.addLike(number, earlier, patch);
      if (patch !== null) enqueue(number, true, Promise.resolve(patchRecord(patch)), () => undefined);
    },
    cut,
    copy(stored, plain) {
      close();
      const number = blocks.add(plain, false);
      stored.catch(() => undefined); // it is awaited in its turn
      enqueue(number, false, stored, () => undefined);
      return number;
    },
    hurry(now) {
      close();
      hurried = now;
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

/** The mask in two bytes, little end first, and the pieces. */
function patchRecord({ mask, bytes }: Patch): Buffer {
  const record = Buffer.allocUnsafe(2 + bytes.length);
  record.writeUInt16LE(mask, 0);
  record.set(bytes, 2);
  return record;
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at);
    at += bytesWritten;
  }
}
