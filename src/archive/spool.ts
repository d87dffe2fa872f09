import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import type { Compression } from "../contract/settings.ts";
import { bigBlockSize, pieceSize, piecesOf } from "./block-hashes.ts";
import { type BlockWriter, createBlockWriter } from "./block-writer.ts";

const inflate = promisify(gunzip);
const unzstd = promisify(zstdDecompress);

/** Blocks that are made plain at one time: as many as libuv has threads. */
const blocksAhead = 4;

/** The file that the passes of an archive are written into, one after the other. */
export interface Spool {
  readonly path: string;
  readonly writer: BlockWriter;
  /** Whether a block is compressed as the archive is to be. */
  isFinal(block: number): boolean;
  /** A block as it lies in the file. */
  stored(block: number): Promise<Buffer>;
  /** A block's plain bytes. */
  plain(block: number): Promise<Buffer>;
  /** SHA-256 of a big file's content, which begins with that block. */
  contentHash(block: number, size: number): Promise<string>;
  close(): Promise<void>;
}

/** A new spool. `hashed`: several passes are to come. */
export async function createSpool(path: string, compression: Compression, hashed: boolean): Promise<Spool> {
  const file = await open(path, "wx+", 0o600);
  const writer = createBlockWriter(file, { compression, hashed });

  async function stored(block: number): Promise<Buffer> {
    const { at, stored: length } = writer.blocks.get(block);
    const bytes = Buffer.allocUnsafe(length);
    for (let read = 0; read < length;) {
      const { bytesRead } = await file.read(bytes, read, length - read, at + read);
      if (bytesRead === 0) throw new Error(`the spool of the archive ends before block ${block}`);
      read += bytesRead;
    }
    return bytes;
  }

  async function plain(block: number): Promise<Buffer> {
    const { base, raw } = writer.blocks.get(block);
    const bytes = await stored(block);
    if (base !== null) return mend(await plain(base), bytes);
    if (raw || compression.type === "none") return bytes;
    return compression.type === "gzip" ? inflate(bytes) : unzstd(bytes);
  }

  return {
    path,
    writer,
    isFinal(block) {
      const { base, raw } = writer.blocks.get(block);
      return base === null && (compression.type === "none" || !raw);
    },
    stored,
    plain,
    async contentHash(block, size) {
      const digest = createHash("sha256");
      const blocks = Math.ceil(size / bigBlockSize);
      const ahead: Promise<Buffer>[] = [];
      for (let at = 0; at < blocks; at += 1) {
        while (ahead.length < blocksAhead && at + ahead.length < blocks) {
          const next = plain(block + at + ahead.length);
          next.catch(() => undefined); // it is awaited in its turn
          ahead.push(next);
        }
        const bytes = await ahead.shift();
        if (bytes !== undefined) digest.update(bytes.subarray(0, Math.min(bigBlockSize, size - at * bigBlockSize)));
      }
      return digest.digest("hex");
    },
    close: async () => file.close(),
  };
}

/** Puts the pieces of a patch, as `BlockWriter.patch` has written it, into the block that they belong to. */
function mend(block: Buffer, patch: Buffer): Buffer {
  let at = 2;
  for (const piece of piecesOf(patch.readUInt16LE(0))) {
    patch.copy(block, piece * pieceSize, at, at + pieceSize);
    at += pieceSize;
  }
  return block;
}
