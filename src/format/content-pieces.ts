import { setImmediate } from "node:timers/promises";
import type { TarEntry } from "./tar-entry.ts";

/** A stretch of a file's content. Holes come as zeros, so that the pieces joined are the whole content. */
export interface ContentPiece {
  offset: number;
  bytes: Buffer;
  isHole: boolean;
}

const zeros = Buffer.alloc(1024 * 1024);

/** A file entry's content in order. `read` gives the entry's data as the archive holds it (`TarReader.read`). */
export async function* contentPieces(
  entry: TarEntry,
  read: () => Promise<Buffer | null>,
): AsyncGenerator<ContentPiece, void, undefined> {
  let offset = 0;
  let pending: Buffer | null = null;
  for (const region of entry.regions ?? [{ offset: 0, length: entry.size }]) {
    yield* hole(offset, region.offset);
    offset = region.offset;
    const end = region.offset + region.length;
    while (offset < end) {
      pending ??= await read();
      if (pending === null) return;
      const bytes: Buffer = pending.subarray(0, end - offset);
      pending = bytes.length < pending.length ? pending.subarray(bytes.length) : null;
      yield { offset, bytes, isHole: false };
      offset += bytes.length;
    }
  }
  yield* hole(offset, entry.size);
}

async function* hole(from: number, to: number): AsyncGenerator<ContentPiece, void, undefined> {
  let pieces = 0;
  for (let offset = from; offset < to; offset += zeros.length) {
    yield { offset, bytes: zeros.subarray(0, to - offset), isHole: true };
    pieces += 1;
    // A hole of terabytes must not keep everything else from running.
    if (pieces % 64 === 0) await setImmediate();
  }
}
