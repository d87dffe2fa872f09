import { createHash, hash } from "node:crypto";
import { closeSync, constants, readSync } from "node:fs";
import { errorCode } from "../failure/failure.ts";
import { openAt } from "../libc/at.ts";
import { FileStatus, statusOf } from "../libc/file-status.ts";
import { nextData, nextHole } from "../libc/holes.ts";
import { getXattrOf, listXattrsOf } from "../libc/xattr.ts";
import { type ChangeKind, type ReadEntry, smallFileLimit } from "./read-message.ts";
import { allPieces, bigBlockSize, pieceSize, piecesOf } from "./block-hashes.ts";
import type { EarlierContent } from "./earlier-passes.ts";
import { bigSize } from "./entry-cutter.ts";
import type { Sender } from "./sender.ts";
import type { Found } from "./walk.ts";

const zeros = Buffer.alloc(1024 * 1024);
const opened = new FileStatus();
const reading = new FileStatus();

/** What became of a file while it was read. */
export type ChangeListener = (what: ChangeKind, detail?: string) => void;

/** A file that was opened to be read. */
export interface OpenFile {
  fd: number;
  /** Holds until the next file is opened. */
  status: FileStatus;
}

/** Opens a file and puts what is known of it into its entry. Null where it is not a file any more. */
export function openFile({ at, name }: Found, entry: ReadEntry): OpenFile | null {
  // Not blocking, since a FIFO may have taken the file's place since it was seen.
  const fd = openAt(at, name, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    statusOf(fd, opened);
    if (!opened.isFile) {
      closeSync(fd);
      return null;
    }
    entry.size = opened.size;
    const names = listXattrsOf(fd);
    if (names.length > 0) entry.attributes = names.map((one) => [one, getXattrOf(fd, one)]);
    return { fd, status: opened };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Tells for each of the first so many blocks of an open file what has changed since they were those from `first` on, as masks of pieces. */
export type BlockComparer = (file: { fd: number; first: number; count: number }) => Uint16Array;

export interface Sending {
  sender: Sender;
  changed: ChangeListener;
  /** What an earlier pass read of the file, where there is that. */
  earlier: EarlierContent | null;
  compare: BlockComparer;
}

/**
 * Reads an open file and sends it; of what an earlier pass has read only what has changed since: then the entry gets no
 * checksum. Gives whether all was there that its size had promised.
 */
export function sendFile(fd: number, entry: ReadEntry, sending: Sending): boolean {
  const { sender, changed, earlier } = sending;
  statusOf(fd, reading);
  const regions = reading.allocated < entry.size ? dataRegions(fd, entry.size) : null;
  if (regions !== null) entry.regions = regions;
  else if (entry.size <= smallFileLimit) return readSmall(fd, entry, sender);
  else if (earlier !== null && entry.size >= bigSize) return readChanged(fd, entry, { ...sending, earlier });
  return readBig(fd, { entry, sender, changed, regions: regions ?? [[0, entry.size]] });
}

function readChanged(
  fd: number,
  entry: ReadEntry,
  { sender, changed, earlier, compare }: Sending & { earlier: EarlierContent },
): boolean {
  sender.startBig(entry);
  const count = Math.floor(Math.min(entry.size, earlier.size) / bigBlockSize);
  const masks = compare({ fd, first: earlier.block, count });
  let complete = true;

  function take(chunk: Uint8Array, position: number): void {
    if (!fillOrTell(fd, chunk, position, changed)) complete = false;
  }

  for (let block = 0; block * bigBlockSize < entry.size;) {
    const position = block * bigBlockSize;
    const mask = masks[block] ?? allPieces;
    let run = 1;
    if (mask === 0) {
      while (masks[block + run] === 0) run += 1;
      sender.sendSame(earlier.block + block, run);
    } else if (mask === allPieces) {
      const chunk = sender.freshSlab().subarray(0, Math.min(bigBlockSize, entry.size - position));
      take(chunk, position);
      sender.sendChunk(chunk);
    } else {
      const pieces = piecesOf(mask);
      const patch = sender.freshSlab().subarray(0, pieces.length * pieceSize);
      for (const [at, piece] of pieces.entries()) {
        take(patch.subarray(at * pieceSize, (at + 1) * pieceSize), position + piece * pieceSize);
      }
      sender.sendPatch(earlier.block + block, mask, patch);
    }
    block += run;
  }
  sender.endBig();
  return complete;
}

/** Reads a piece of a file whose entry has begun; what can't be read is zeros, and told. Gives whether all was there. */
function fillOrTell(fd: number, chunk: Uint8Array, position: number, changed: ChangeListener): boolean {
  try {
    return fill(fd, chunk, position) === chunk.length;
  } catch (error) {
    chunk.fill(0);
    changed("unreadable", errorCode(error) ?? String(error));
    return true;
  }
}

/** What has become of a file since it was seen; null for nothing. */
export function changeSince(before: FileStatus, fd: number): ChangeKind | null {
  statusOf(fd, reading);
  return howChanged(before, reading);
}

function howChanged(before: FileStatus, now: FileStatus): "grew" | "shrank" | "changed" | null {
  if (now.identity !== before.identity) return "changed"; // another file has taken its name
  if (now.size !== before.size) return now.size > before.size ? "grew" : "shrank";
  return now.mtime === before.mtime ? null : "changed";
}

/** Reads a whole small file; what it has lost since it was measured is filled with zeros. Gives whether all was there. */
function readSmall(fd: number, entry: ReadEntry, sender: Sender): boolean {
  const content = sender.reserve(entry.size);
  const found = fill(fd, content, 0);
  entry.sha256 = hash("sha256", content, "hex");
  sender.sendSmall(entry, entry.size);
  return found === entry.size;
}

interface BigRead {
  entry: ReadEntry;
  sender: Sender;
  changed: ChangeListener;
  regions: NonNullable<ReadEntry["regions"]>;
}

function readBig(fd: number, { entry, sender, changed, regions }: BigRead): boolean {
  sender.startBig(entry);
  const digest = createHash("sha256");
  let position = 0;
  let complete = true;
  for (const [offset, length] of regions) {
    hashZeros(digest, offset - position);
    for (position = offset; position < offset + length;) {
      const bytes = sender.freshSlab();
      const wanted = Math.min(bytes.length, offset + length - position);
      const chunk = bytes.subarray(0, wanted);
      if (!fillOrTell(fd, chunk, position, changed)) complete = false;
      digest.update(chunk);
      position += wanted;
      sender.sendChunk(chunk);
    }
  }
  hashZeros(digest, entry.size - position);
  entry.sha256 = digest.digest("hex");
  sender.endBig();
  return complete;
}

/** Reads until `into` is full or the file ends, in which case the rest is zeros; gives the bytes found. */
function fill(fd: number, into: Uint8Array, position: number): number {
  let found = 0;
  while (found < into.length) {
    const got = readSync(fd, into, found, into.length - found, position + found);
    if (got === 0) break;
    found += got;
  }
  into.fill(0, found);
  return found;
}

function hashZeros(digest: ReturnType<typeof createHash>, length: number): void {
  for (let left = length; left > 0; left -= zeros.length)
    digest.update(zeros.subarray(0, Math.min(left, zeros.length)));
}

/** The regions of a file that are not holes; null where it has no hole. */
function dataRegions(fd: number, size: number): [number, number][] | null {
  const regions: [number, number][] = [];
  for (let at = 0; at < size;) {
    const start = nextData(fd, at);
    if (start === null || start >= size) break;
    at = Math.min(nextHole(fd, start), size);
    regions.push([start, at - start]);
  }
  const whole = regions.length === 1 && regions[0]?.[0] === 0 && regions[0][1] === size;
  if (whole) return null;
  const [start, length] = regions.at(-1) ?? [0, 0];
  if (start + length < size) regions.push([size, 0]); // tells tar of the hole at the end
  return regions;
}
