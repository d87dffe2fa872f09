import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { Failure } from "../failure/failure.ts";

const decompress = promisify(zstdDecompress);

/** No frame is larger than this, packed or plain; the writer's have about 1 MiB. */
const maxFrame = 64 * 1024 * 1024;
const magic = 0xfd2fb528;

/**
 * Decompresses zstd frames that stand one after the other (Node's own stream stops after the first), the next one while
 * the reader is at work on the last.
 */
export async function* readFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let ahead: Promise<Buffer> | null = null;
  try {
    for await (const frame of splitFrames(chunks)) {
      const next = decompress(frame, { maxOutputLength: maxFrame });
      // A failure is thrown where it is awaited; unobserved until then it would end the process.
      next.catch(() => {});
      if (ahead !== null) yield await ahead;
      ahead = next;
    }
    if (ahead !== null) yield await ahead;
  } finally {
    await ahead?.catch(() => {});
  }
}

async function* splitFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let buffer: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    for (;;) {
      const length = frameLength(buffer);
      if (length === null) break;
      yield buffer.subarray(0, length);
      buffer = buffer.subarray(length);
    }
    if (buffer.length > maxFrame) throw new Failure("damaged", "the archive has a zstd frame larger than 64 MiB");
  }
  if (buffer.length > 0) throw new Failure("damaged", "the archive ends in the middle of a zstd frame");
}

/** Length of the frame at the start of `bytes` (RFC 8878, section 3.1), or null when it is not all there. */
function frameLength(bytes: Buffer): number | null {
  if (bytes.length < 5) return null;
  if (bytes.readUInt32LE(0) !== magic) throw new Failure("damaged", "the archive has bytes that are no zstd frame");
  const descriptor = bytes.readUInt8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const contentSizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let at = 5 + (singleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes;
  for (;;) {
    if (bytes.length < at + 3) return null;
    const block = bytes.readUIntLE(at, 3);
    const isRunLength = ((block >> 1) & 3) === 1;
    at += 3 + (isRunLength ? 1 : block >> 3);
    if ((block & 1) === 1) break;
  }
  at += (descriptor & 4) !== 0 ? 4 : 0;
  return bytes.length < at ? null : at;
}
