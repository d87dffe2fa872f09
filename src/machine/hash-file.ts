import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { storageFailure } from "../failure/storage-failure.ts";

const pieceBytes = 1024 * 1024;

/** A file's length and SHA-256, read once; `onBytes` is told of each piece, and holds up the reading where it gives a promise. */
export async function hashFile(
  file: string,
  signal: AbortSignal,
  onBytes?: (bytes: number) => void | Promise<void>,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    await pipeline(
      createReadStream(file, { highWaterMark: pieceBytes }),
      async (pieces: AsyncIterable<Buffer>) => {
        for await (const piece of pieces) {
          hash.update(piece);
          bytes += piece.length;
          await onBytes?.(piece.length);
        }
      },
      { signal },
    );
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    throw storageFailure(`can't read ${file}`, thrown);
  }
  return { bytes, sha256: hash.digest("hex") };
}
