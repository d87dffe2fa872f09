/** Bytes of a hash (SHA-256). */
export const hashSize = 32;

/** The hashes of blocks of big files' content, by the blocks' numbers, for the passes that follow. */
export class BlockHashes {
  #bytes = Buffer.alloc(1024 * hashSize);
  #used = 0;

  set(block: number, digest: Uint8Array): void {
    const end = (block + 1) * hashSize;
    if (end > this.#bytes.length) {
      const bigger = Buffer.alloc(Math.max(end, this.#bytes.length * 2));
      this.#bytes.copy(bigger, 0, 0, this.#used);
      this.#bytes = bigger;
    }
    this.#bytes.set(digest, end - hashSize);
    this.#used = Math.max(this.#used, end);
  }

  /** The hash of one block; zeros where it has none. */
  get(block: number): Uint8Array {
    return this.#bytes.subarray(block * hashSize, (block + 1) * hashSize);
  }

  /** All as they are now, in memory that other threads can see. */
  share(): Uint8Array<SharedArrayBuffer> {
    const shared = new Uint8Array(new SharedArrayBuffer(this.#used));
    shared.set(this.#bytes.subarray(0, this.#used));
    return shared;
  }
}
