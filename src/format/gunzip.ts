import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";

const chunkSize = 256 * 1024;

/** The plain bytes of gzip members that stand one after the other. */
export async function* gunzip(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const inflated = createGunzip({ chunkSize });
  // A failure of either stream is thrown by the loop below, since pipeline destroys `inflated` with it.
  pipeline(packed, inflated, () => {});
  try {
    yield* inflated;
  } finally {
    inflated.destroy();
  }
}
