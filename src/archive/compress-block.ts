import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";
import type { Compression } from "../contract/settings.ts";

const gzipBlock = promisify(gzip);
const zstdBlock = promisify(zstdCompress);

/** One block as a gzip member or zstd frame of its own, compressed on libuv's pool; unchanged for `none`. */
export async function compressBlock(block: Buffer, compression: Compression): Promise<Buffer> {
  const chunkSize = 512 * 1024;
  switch (compression.type) {
    case "gzip":
      return gzipBlock(block, { level: compression.level, chunkSize });
    case "zstd":
      return zstdBlock(block, {
        chunkSize,
        params: { [constants.ZSTD_c_compressionLevel]: compression.level, [constants.ZSTD_c_checksumFlag]: 1 },
      });
    case "none":
      return Buffer.from(block);
  }
}
