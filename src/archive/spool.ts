import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import type { Compression } from "../contract/settings.ts";
import { type BlockWriter, createBlockWriter } from "./block-writer.ts";

const inflate = promisify(gunzip);
const unzstd = promisify(zstdDecompress);

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
  close(): Promise<void>;
}

/** A new spool. `reuse`: several passes are to come. */
export async function createSpool(path: string, compression: Compression, reuse: boolean): Promise<Spool> {
  const file = await open(path, "wx+", 0o600);
  const writer = createBlockWriter(file, { compression, reuse });

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

  return {
    path,
    writer,
    isFinal: (block) => compression.type === "none" || !writer.blocks.get(block).raw,
    stored,
    async plain(block) {
      const bytes = await stored(block);
      if (writer.blocks.get(block).raw || compression.type === "none") return bytes;
      return compression.type === "gzip" ? inflate(bytes) : unzstd(bytes);
    },
    close: async () => file.close(),
  };
}
