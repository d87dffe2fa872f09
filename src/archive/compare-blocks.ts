import { readSync } from "node:fs";
import { allPieces, changedPieces } from "./block-hashes.ts";

/*
 * Which pieces of a file are not what they were in an earlier pass, told by their hashes, by several threads together:
 * the reading thread publishes a job in memory that all see, and takes part in it. Every thread claims one block after the
 * other. A claim carries its job's number, and jobs use two places in turn, so that a thread that was held up does nothing
 * to the job that came after.
 */
const place = { number: 0, fd: 1, first: 2, from: 3, count: 4, done: 5 };
const placeSize = 8;
const sequence = 0;
const stop = 1;
const mostBlocks = 65_536;

/** Memory that the threads share. */
export interface ComparerMemory {
  /** `[newest job, stop]`, then the two places. */
  control: Int32Array<SharedArrayBuffer>;
  /** The next claim: the job's number in the upper half, the block's in the lower. */
  claims: BigInt64Array<SharedArrayBuffer>;
  /** A mask of the changed pieces of each block; of both places. */
  masks: Uint16Array<SharedArrayBuffer>;
}

export function createComparerMemory(): ComparerMemory {
  return {
    control: new Int32Array(new SharedArrayBuffer(4 * 3 * placeSize)),
    claims: new BigInt64Array(new SharedArrayBuffer(8)),
    masks: new Uint16Array(new SharedArrayBuffer(2 * 2 * mostBlocks)),
  };
}

/** Tells the threads to end. */
export function stopComparers({ control }: ComparerMemory): void {
  Atomics.store(control, stop, 1);
  Atomics.add(control, sequence, 1);
  Atomics.notify(control, sequence);
}

/** Waits for a job after the one of that number; gives its number, null where the thread is to end. */
export function nextJob({ control }: ComparerMemory, last: number): number | null {
  Atomics.wait(control, sequence, last);
  return Atomics.load(control, stop) === 1 ? null : Atomics.load(control, sequence);
}

/** Takes part in the newest job until nothing of it is left to be claimed. `hashes` are those of the earlier pass's blocks. */
export function takePart({ control, claims, masks }: ComparerMemory, hashes: Uint8Array, buffer: Buffer): void {
  for (;;) {
    const claim = Atomics.add(claims, 0, 1n);
    const number = Number(claim >> 32n);
    const block = Number(claim & 0xffff_ffffn);
    const at = placeOf(number);
    const fd = Atomics.load(control, at + place.fd);
    const first = Atomics.load(control, at + place.first);
    const from = Atomics.load(control, at + place.from);
    if (block >= Atomics.load(control, at + place.count)) return;
    if (Atomics.load(control, at + place.number) !== number) return;
    masks[(number & 1) * mostBlocks + block] = compareBlock({ fd, first, block: from + block }, hashes, buffer);
    Atomics.add(control, at + place.done, 1);
    Atomics.notify(control, at + place.done);
  }
}

/**
 * Tells for each of the first `count` blocks of an open file which pieces have changed since they were the blocks from `first`
 * on, as masks. Called by one thread alone. `pause` is called while it waits for the others.
 */
export function compareBlocks(
  memory: ComparerMemory,
  file: { fd: number; first: number; count: number },
  hashes: Uint8Array,
  buffer: Buffer,
  pause: () => void,
): Uint16Array {
  const { control, claims, masks } = memory;
  const changed = new Uint16Array(file.count);
  for (let from = 0; from < file.count; from += mostBlocks) {
    const count = Math.min(mostBlocks, file.count - from);
    const number = Atomics.load(control, sequence) + 1;
    const at = placeOf(number);
    Atomics.store(control, at + place.number, 0);
    Atomics.store(control, at + place.fd, file.fd);
    Atomics.store(control, at + place.first, file.first);
    Atomics.store(control, at + place.from, from);
    Atomics.store(control, at + place.count, count);
    Atomics.store(control, at + place.done, 0);
    Atomics.store(control, at + place.number, number);
    Atomics.store(claims, 0, BigInt(number) << 32n);
    Atomics.store(control, sequence, number);
    Atomics.notify(control, sequence);
    takePart(memory, hashes, buffer);
    for (let done = 0; done < count;) {
      done = Atomics.load(control, at + place.done);
      if (done < count) Atomics.wait(control, at + place.done, done, 100);
      pause();
    }
    const start = (number & 1) * mostBlocks;
    changed.set(masks.subarray(start, start + count), from);
  }
  return changed;
}

function placeOf(number: number): number {
  return ((number & 1) + 1) * placeSize;
}

function compareBlock(
  { fd, first, block }: { fd: number; first: number; block: number },
  hashes: Uint8Array,
  buffer: Buffer,
): number {
  try {
    for (let found = 0; found < buffer.length;) {
      const got = readSync(fd, buffer, found, buffer.length - found, block * buffer.length + found);
      if (got === 0) return allPieces;
      found += got;
    }
  } catch {
    return allPieces; // it is told when it is read to be sent
  }
  return changedPieces(buffer, hashes, first + block);
}
