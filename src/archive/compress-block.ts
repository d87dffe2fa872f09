import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";
import type { Compression } from "../contract/settings.ts";
import { loadLibdeflate } from "../libc/libdeflate.ts";

const zlibGzip = promisify(gzip);
const zstd = promisify(zstdCompress);
const libdeflate = loadLibdeflate();
const chunkSize = 512 * 1024;
/** For zlib's levels 1 to 9, libdeflate's fastest that makes nothing larger on any kind of data (docs/performance.md). */
const libdeflateLevels = [1, 1, 2, 3, 5, 5, 6, 7, 9];

/** One block as a gzip member or zstd frame of its own, compressed on libuv's pool; unchanged for `none`. */
export async function compressBlock(block: Buffer, compression: Compression): Promise<Buffer> {
  switch (compression.type) {
    case "gzip": {
      const level = (await isIncompressible(block)) ? 0 : compression.level;
      return libdeflate === null
        ? zlibGzip(block, { level, chunkSize: level === 0 ? 2 * block.length : chunkSize })
        : libdeflate(block, libdeflateLevels[level - 1] ?? level);
    }
    case "zstd":
      return zstd(block, {
        chunkSize,
        params: { [constants.ZSTD_c_compressionLevel]: compression.level, [constants.ZSTD_c_checksumFlag]: 1 },
      });
    case "none":
      return Buffer.from(block);
  }
}

const samples = 16;
const sampleSize = 2048;

/**
 * Whether deflate would only waste time on a block: photographs, videos, what is encrypted or compressed already. Tried on
 * samples from all over the block, at the fastest level; such a block is stored, which any gzip reads as well.
 */
async function isIncompressible(block: Buffer): Promise<boolean> {
  if (block.length < 4 * samples * sampleSize) return false;
  const step = Math.floor((block.length - sampleSize) / (samples - 1));
  const sample = Buffer.allocUnsafe(samples * sampleSize);
  for (let i = 0; i < samples; i += 1) block.copy(sample, i * sampleSize, i * step, i * step + sampleSize);
  const tried = libdeflate === null ? await zlibGzip(sample, { level: 1 }) : await libdeflate(sample, 1);
  return tried.length > sample.length * 0.995;
}
