import koffi from "koffi";

/** A gzip member that was decompressed. */
interface Gunzipped {
  /** How many bytes of the packed ones it took. */
  packed: number;
  /** How many plain bytes came of it. */
  plain: number;
}

/**
 * Decompresses the gzip member at the start of `packed` into `plain`, on libuv's pool, and checks its checksum. Gives null
 * where that is no whole member, or more than fits.
 */
export type GunzipMember = (packed: Buffer, plain: Buffer) => Promise<Gunzipped | null>;

/** By libdeflate, which takes a third of zlib's time but can't stop within a member; null where it is not installed. */
export function loadGunzipMember(): GunzipMember | null {
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load("libdeflate.so.0");
  } catch {
    return null;
  }
  const create = library.func("void *libdeflate_alloc_decompressor()");
  const gunzip = library.func(
    "int libdeflate_gzip_decompress_ex(void *decompressor, const uint8_t *in, size_t size, _Out_ uint8_t *out, size_t room, _Out_ size_t *read, _Out_ size_t *written)",
  );
  // One serves one member at a time; as many are made as are ever under way, and kept.
  const idle: unknown[] = [];

  return async (packed, plain) => {
    const decompressor: unknown = idle.pop() ?? create();
    const read = [0];
    const written = [0];
    const failure = await new Promise<number>((resolve, reject) => {
      const done = (error: Error | null, result: number): void => (error === null ? resolve(result) : reject(error));
      gunzip.async(decompressor, packed, packed.length, plain, plain.length, read, written, done);
    });
    idle.push(decompressor);
    return failure === 0 ? { packed: Number(read[0]), plain: Number(written[0]) } : null;
  };
}
