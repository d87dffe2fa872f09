import { closeSync, openSync, readSync, writeSync } from "node:fs";
import type { Position } from "./block-table.ts";

/*
 * Where the entries of a pass start, in the order of its catalog, and where the last one ends: eight bytes each, in a file,
 * since there may be millions.
 */
const recordSize = 8;
const bufferSize = 64 * 1024;

export interface Places {
  add(position: Position): void;
  end(): void;
}

export function createPlaces(path: string): Places {
  const fd = openSync(path, "wx", 0o600);
  const buffer = Buffer.allocUnsafe(bufferSize);
  let used = 0;

  function flush(): void {
    for (let at = 0; at < used;) at += writeSync(fd, buffer, at, used - at);
    used = 0;
  }

  return {
    add({ block, offset }) {
      if (used === buffer.length) flush();
      buffer.writeUInt32LE(block, used);
      buffer.writeUInt32LE(offset, used + 4);
      used += recordSize;
    },
    end() {
      flush();
      closeSync(fd);
    },
  };
}

export interface PlacesReader {
  /** Where an entry starts and where the next one does. Quick as long as the numbers rise. */
  of(ordinal: number): { start: Position; end: Position };
  close(): void;
}

export function openPlaces(path: string): PlacesReader {
  const fd = openSync(path, "r");
  const buffer = Buffer.allocUnsafe(bufferSize);
  let first = 0; // number of the first record in the buffer
  let filled = 0;

  return {
    of(ordinal) {
      if (ordinal < first || (ordinal + 2 - first) * recordSize > filled) {
        first = ordinal;
        filled = readSync(fd, buffer, 0, buffer.length, first * recordSize);
      }
      const at = (ordinal - first) * recordSize;
      if (at + 2 * recordSize > filled) throw new Error(`entry ${ordinal} of a pass has no place`);
      const read = (from: number): Position => ({
        block: buffer.readUInt32LE(from),
        offset: buffer.readUInt32LE(from + 4),
      });
      return { start: read(at), end: read(at + recordSize) };
    },
    close: () => closeSync(fd),
  };
}
