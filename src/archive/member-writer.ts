import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Compression } from "../contract/settings.ts";
import { compressBlock } from "./compress-block.ts";

/** Plain bytes after which a member ends at the next entry's start. */
const targetSize = 1024 * 1024;
/** Plain bytes that a member never has more of; a big entry goes on in the next. */
const largestSize = targetSize + targetSize / 2;
/** Blocks that are compressed or wait to be written at one time: libuv's four threads stay busy while one block is late. */
const blocksInFlight = 8;

/** Where an entry starts. `member` is known once the block before it was written. */
export interface Place {
  member: number | null;
  /** Within the member's plain bytes. */
  offset: number;
}

/** Collects plain tar bytes in blocks, compresses each on its own, and writes them one after another. */
export interface MemberWriter {
  /** The place of an entry whose first byte is written next; starts a new member where the current one is full. */
  startEntry(): Place;
  /** Takes `bytes[from, to)`, and keeps nothing of `bytes` itself. */
  write(bytes: Buffer, from: number, to: number): void;
  /** Null while more may be written; else a promise that whoever writes waits for first, after a MiB at the latest. */
  room(): Promise<void> | null;
  /** Resolves once all is written. */
  end(): Promise<{ bytes: number; sha256: string }>;
}

export function createMemberWriter(file: FileHandle, compression: Compression): MemberWriter {
  const digest = createHash("sha256");
  const idle: Buffer[] = [];
  const inFlight: Promise<void>[] = [];
  let block: Buffer = Buffer.allocUnsafeSlow(largestSize);
  let used = 0;
  let places: Place[] = [];
  let written = 0;
  let lastWrite = Promise.resolve();

  function close(): void {
    if (used === 0) return;
    const full = block;
    const starts = places;
    const compressed = compressBlock(full.subarray(0, used), compression);
    const before = lastWrite;
    lastWrite = (async () => {
      const [bytes] = await Promise.all([compressed, before]);
      for (const place of starts) place.member = written;
      digest.update(bytes);
      await writeAll(file, bytes);
      written += bytes.length;
      idle.push(full);
    })();
    lastWrite.catch(() => undefined); // it is awaited below, or in end()
    inFlight.push(lastWrite);
    block = idle.pop() ?? Buffer.allocUnsafeSlow(largestSize);
    used = 0;
    places = [];
  }

  return {
    startEntry() {
      if (used >= targetSize) close();
      const place: Place = { member: null, offset: used };
      places.push(place);
      return place;
    },
    write(bytes, from, to) {
      for (let at = from; at < to;) {
        const copied = bytes.copy(block, used, at, to);
        at += copied;
        used += copied;
        if (used === block.length) close();
      }
    },
    room: () => (inFlight.length < blocksInFlight ? null : (inFlight.shift() ?? null)),
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
