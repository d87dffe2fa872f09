import { Writable } from "node:stream";
import { paxHeaderName } from "./append-entry.ts";
import type { Position } from "./block-table.ts";
import { bigBlockSize, type Patch } from "./block-hashes.ts";
import type { BlockWriter } from "./block-writer.ts";

/** An earlier block, and what is different now; null for nothing. */
export interface EarlierBlock {
  block: number;
  patch: Patch | null;
}

export interface CutterListener {
  /** An entry starts; entries come in the order in which they were appended. */
  entryStarts(position: Position): void;
  /** The content of that entry is big, and begins with that block. */
  bigStarts(entry: number, block: number): void;
  /** What an earlier pass has of the block that comes now, `dataBytes` into an entry's content; null for nothing. */
  earlierBlock(entry: number, dataBytes: number): EarlierBlock | null;
  /** How far the cutter is: entries that are through, and bytes of the next one's data. */
  consumed(entries: number, dataBytes: number): void;
}

const recordSize = 512;
/** Content of at least this size is cut into blocks of its own, so that a later pass finds those again that are the same. */
export const bigSize = 4 * bigBlockSize;
/** Bytes after which the listener is told how far the cutter is: an entry is often far smaller. */
const tellEvery = 256 * 1024;

/**
 * Takes the tar stream that archiver writes and finds the entries in it again by their headers, so that blocks end where
 * entries do and the index knows where each starts. The end of the archive is left out: more may follow. It is also the
 * check that archiver wrote what it was told: bytes where a header should be that are none fail the stream.
 */
export function createEntryCutter(writer: BlockWriter, listener: CutterListener): Writable {
  const header = Buffer.alloc(recordSize);
  let headerBytes = 0;
  let dataLeft = 0;
  let paddingLeft = 0;
  let entries = -1;
  let dataBytes = 0;
  let headerContinues = false; // a pax header was read: the next header belongs to the same entry
  let atEnd = false;
  let skipLeft = 0; // of content that is there already, of which only the length comes
  let big = false;
  let untold = 0;

  function take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (atEnd) return;
      if (dataLeft > 0) {
        at += takeData(chunk, at);
        continue;
      }
      if (paddingLeft > 0) {
        const length = Math.min(paddingLeft, chunk.length - at);
        writer.write(chunk, at, at + length);
        at += length;
        paddingLeft -= length;
        continue;
      }
      const copied = chunk.copy(header, headerBytes, at);
      at += copied;
      headerBytes += copied;
      if (headerBytes < recordSize) continue;
      headerBytes = 0;
      takeHeader();
    }
  }

  function takeData(chunk: Buffer, at: number): number {
    if (big && skipLeft === 0 && dataBytes % bigBlockSize === 0) {
      const earlier = listener.earlierBlock(entries, dataBytes);
      if (earlier !== null) {
        writer.same(earlier.block, earlier.patch);
        skipLeft = bigBlockSize;
      }
    }
    const length = Math.min(dataLeft, chunk.length - at, skipLeft > 0 ? skipLeft : nextBlock());
    if (skipLeft > 0) skipLeft -= length;
    else writer.write(chunk, at, at + length);
    dataLeft -= length;
    if (!headerContinues) dataBytes += length;
    if (dataLeft === 0 && big) {
      writer.endBig();
      big = false;
    }
    return length;
  }

  /** Bytes up to where the next block of a big content begins. */
  function nextBlock(): number {
    return big ? bigBlockSize - (dataBytes % bigBlockSize) : Number.MAX_SAFE_INTEGER;
  }

  function takeHeader(): void {
    if (header[0] === 0) {
      atEnd = true;
      entries += 1;
      dataBytes = 0;
      return;
    }
    if (header.toString("latin1", 257, 262) !== "ustar")
      throw new Error("archiver wrote something that is not a tar header");
    if (header.toString("latin1", 0, paxHeaderName.length + 1) === `${paxHeaderName}\0`) makePaxHeader(header);
    const isPax = header[156] === typeflags.pax;
    if (!headerContinues) {
      entries += 1;
      dataBytes = 0;
      listener.entryStarts(writer.startEntry());
    }
    headerContinues = isPax;
    dataLeft = readSize(header);
    paddingLeft = (recordSize - (dataLeft % recordSize)) % recordSize;
    writer.write(header, 0, recordSize);
    big = !isPax && dataLeft >= bigSize;
    if (big) listener.bigStarts(entries, writer.startBig());
  }

  function tell(): void {
    untold = 0;
    const between = dataLeft + paddingLeft === 0 && headerBytes === 0 && !headerContinues;
    listener.consumed(between ? entries + 1 : entries, between ? 0 : dataBytes);
  }

  return new Writable({
    highWaterMark: 1024 * 1024,
    write(chunk: Buffer, _encoding, callback) {
      try {
        take(chunk);
        untold += chunk.length;
        if (untold >= tellEvery) tell();
      } catch (error) {
        callback(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      const room = writer.room();
      if (room === null) callback();
      else room.then(() => callback(), callback);
    },
    final(callback) {
      tell();
      callback();
    },
  });
}

const typeflags = { pax: 0x78 };

/** Turns the header of a file that holds pax records into that of a pax header: another type, another checksum. */
function makePaxHeader(header: Buffer): void {
  header.fill(0, 0, 100);
  header.write("PaxHeader", 0, "latin1");
  header[156] = typeflags.pax;
  header.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}

/** The size field: octal, or base 256 where the first bit is set. */
function readSize(header: Buffer): number {
  if (((header[124] ?? 0) & 0x80) !== 0) return Number(header.readBigUInt64BE(128));
  return Number.parseInt(header.toString("latin1", 124, 136), 8);
}
