import koffi from "koffi";

/** Compresses one block as one gzip member, on libuv's pool. */
export type GzipBlock = (block: Buffer, level: number) => Promise<Buffer>;

/**
 * The library libdeflate (https://github.com/ebiggers/libdeflate, package `libdeflate0`), which writes the same format as
 * zlib in half the time and somewhat smaller; null where it is not installed.
 */
export function loadLibdeflate(): GzipBlock | null {
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load("libdeflate.so.0");
  } catch {
    return null;
  }
  const create = library.func("void *libdeflate_alloc_compressor(int level)");
  const bound = library.func("size_t libdeflate_gzip_compress_bound(void *compressor, size_t size)");
  const compress = library.func(
    "size_t libdeflate_gzip_compress(void *compressor, const uint8_t *in, size_t size, _Out_ uint8_t *out, size_t room)",
  );
  // A compressor serves one block at a time; as many are made as blocks are ever in flight, and kept.
  const idle = new Map<number, unknown[]>();

  return async (block, level) => {
    const compressors = idle.get(level) ?? [];
    idle.set(level, compressors);
    const compressor = compressors.pop() ?? create(level);
    const out = Buffer.allocUnsafeSlow(Number(bound(compressor, block.length)));
    const length = await new Promise<number>((resolve, reject) => {
      compress.async(compressor, block, block.length, out, out.length, (error: Error | null, written: number) => {
        if (error === null) resolve(Number(written));
        else reject(error);
      });
    });
    compressors.push(compressor);
    if (length === 0) throw new Error("libdeflate found no room for a block that it had measured itself");
    return out.subarray(0, length);
  };
}
