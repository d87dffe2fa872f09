/** Bytes that are appended to, in one piece of memory. */
export class GrowingBytes {
  bytes: Buffer<ArrayBuffer> = Buffer.alloc(64 * 1024);
  length = 0;

  /** Makes sure that so many more fit. */
  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.bytes.length * 2, this.length + more));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  append(from: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    const { bytes } = this;
    // Names are short, and a loop begins sooner than a copy.
    let at = this.length;
    for (let next = start; next < end; next += 1) bytes[at++] = from[next] ?? 0;
    this.length = at;
  }

  /** The bytes, without what was reserved beyond them: memory that was never touched, and takes none. */
  trimmed(): Buffer<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }
}
