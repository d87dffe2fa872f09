const headerBytes = 8;

/**
 * What a container printed, without the engine's frames (one byte for the stream, three zeros, four for the length). The output
 * of a container with a terminal has none and is given as it is.
 */
export function plainOutput(printed: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < printed.length;) {
    if (!isHeader(printed, at)) return at === 0 ? printed : Buffer.concat(pieces);
    const length = printed.readUInt32BE(at + 4);
    pieces.push(printed.subarray(at + headerBytes, at + headerBytes + length));
    at += headerBytes + length;
  }
  return Buffer.concat(pieces);
}

function isHeader(printed: Buffer, at: number): boolean {
  if (printed.length < at + headerBytes) return false;
  return (printed[at] ?? 3) <= 2 && printed.readUIntBE(at + 1, 3) === 0;
}
