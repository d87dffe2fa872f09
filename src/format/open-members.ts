import { createReadStream } from "node:fs";
import type { Compression } from "../contract/settings.ts";
import { asFailure, errorCode, Failure } from "../failure/failure.ts";
import { gunzip } from "./gunzip.ts";
import { readFrames } from "./read-frames.ts";
import { readMembers } from "./read-members.ts";

/** Sees a file's bytes as they are read; no more are read before what it promises. */
export type Watch = (bytes: Buffer) => void | Promise<void>;

export interface MemberSource {
  file: string;
  type: Compression["type"];
  /** Offset of a member in the file; 0 for the whole of it. */
  start?: number;
  signal?: AbortSignal | undefined;
  onBytes?: Watch;
  /** Whether each piece may lose its bytes once the next one is asked for, which is quicker. */
  brief?: boolean;
}

const readSize = 256 * 1024;

/**
 * The plain bytes of an archive or index file, from the member that starts at `start` to the file's end. Throws `damaged`
 * when the bytes do not decompress, `missing` when there is no such file. Leaving the loop early closes the file.
 */
export async function* openMembers(source: MemberSource): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* plainBytes(source);
  } catch (thrown) {
    throw readFailure(thrown, source.file);
  }
}

async function* plainBytes(source: MemberSource): AsyncGenerator<Buffer, void, undefined> {
  const file = createReadStream(source.file, {
    start: source.start ?? 0,
    highWaterMark: readSize,
    ...(source.signal === undefined ? {} : { signal: source.signal }),
  });
  try {
    const bytes = watched(file, source.onBytes);
    if (source.type === "none") yield* bytes;
    else if (source.type === "zstd") yield* readFrames(bytes);
    else if (source.brief === true) yield* readMembers(bytes);
    else yield* gunzip(bytes);
  } finally {
    file.destroy();
  }
}

async function* watched(
  chunks: AsyncIterable<Buffer>,
  onBytes: Watch | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) {
    await onBytes?.(chunk);
    yield chunk;
  }
}

function readFailure(thrown: unknown, file: string): Failure {
  if (thrown instanceof Failure) return thrown;
  const code = errorCode(thrown);
  if (code === "ENOENT")
    return new Failure("damaged", `${file} is not there`, { hint: "restore from another backup", cause: thrown });
  if (code?.startsWith("Z_") === true || code?.startsWith("ZSTD_") === true || code === "ERR_BUFFER_TOO_LARGE")
    return new Failure("damaged", `${file} can't be decompressed: ${asFailure(thrown).message}`, {
      hint: "restore from another backup; the disk that holds this one may be failing",
      cause: thrown,
    });
  return asFailure(thrown);
}
