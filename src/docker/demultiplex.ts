import { Failure } from "../failure/failure.ts";

export type OutputStream = "stdout" | "stderr";

const headerLength = 8;

/**
 * Takes apart what the engine sends of a command's two outputs: frames of a header (stream, length) and bytes. Pieces come as
 * they arrive, so that nothing is kept however long a frame is; what is torn at the end is passed over.
 */
export async function* demultiplex(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<{ stream: OutputStream; bytes: Buffer }> {
  let header = Buffer.alloc(0);
  let stream: OutputStream = "stdout";
  let left = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (rest.length > 0) {
      if (left > 0) {
        const bytes = rest.subarray(0, left);
        rest = rest.subarray(bytes.length);
        left -= bytes.length;
        yield { stream, bytes };
        continue;
      }
      const wanted = headerLength - header.length;
      header = Buffer.concat([header, rest.subarray(0, wanted)]);
      rest = rest.subarray(wanted);
      if (header.length < headerLength) continue;
      stream = streamOf(header.readUInt8(0));
      left = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
  }
}

function streamOf(type: number): OutputStream {
  if (type === 2) return "stderr";
  if (type <= 1) return "stdout";
  throw new Failure("failed", `the Docker engine sent output of an unknown kind (${type})`);
}
