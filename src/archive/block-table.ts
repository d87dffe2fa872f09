/** Where something stands in the plain tar stream: which block, and how far into its plain bytes. */
export interface Position {
  block: number;
  offset: number;
}

/** A block as it lies in a file. */
export interface StoredBlock {
  /** Offset in the file. */
  at: number;
  /** Bytes in the file, and bytes once they are plain again. */
  stored: number;
  plain: number;
  /** Whether it lies there as it is, whatever the archive's compression. */
  raw: boolean;
  /** The block of which only the changed pieces lie there; null where all of it does. */
  base: number | null;
}

/** The blocks of a file, in the order of the plain stream; some 25 bytes each, since there may be a million. */
export class BlockTable {
  #at = new Float64Array(1024);
  #stored = new Uint32Array(1024);
  #plain = new Uint32Array(1024);
  #raw = new Uint8Array(1024);
  /** One more than the block that stands for this one, as their bytes are the same; 0 for one that stands for itself. */
  #same = new Uint32Array(1024);
  /** One more than the block that this one is a patch for; 0 for one that lies there whole. */
  #base = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a block whose place will be told by `settle`; gives its number. */
  add(plain: number, raw: boolean): number {
    if (this.#length === this.#at.length) this.#grow();
    this.#at[this.#length] = -1;
    this.#plain[this.#length] = plain;
    this.#raw[this.#length] = raw ? 1 : 0;
    this.#length += 1;
    return this.#length - 1;
  }

  /** Adds a block that is the same as an earlier one, and lies where that lies. */
  addSame(block: number): number {
    const added = this.add(this.#plain[block] ?? 0, false);
    this.#same[added] = this.#origin(block) + 1;
    return added;
  }

  /** Adds a block of which only what differs from an earlier one is to be written; gives its number. */
  addPatch(block: number): number {
    const added = this.add(this.#plain[block] ?? 0, true);
    this.#base[added] = this.#origin(block) + 1;
    return added;
  }

  settle(block: number, at: number, stored: number): void {
    this.#at[block] = at;
    this.#stored[block] = stored;
  }

  /** Offset of a block in the file; null until it was written. */
  offset(block: number): number | null {
    const at = this.#at[this.#origin(block)] ?? -1;
    return at < 0 ? null : at;
  }

  /** Plain bytes of a block. */
  plain(block: number): number {
    return this.#plain[block] ?? 0;
  }

  get(block: number): StoredBlock {
    const origin = this.#origin(block);
    const at = this.offset(block);
    if (at === null) throw new Error(`block ${block} of the archive was not written`);
    const base = this.#base[origin] ?? 0;
    return {
      at,
      stored: this.#stored[origin] ?? 0,
      plain: this.plain(block),
      raw: this.#raw[origin] === 1,
      base: base === 0 ? null : base - 1,
    };
  }

  #origin(block: number): number {
    return (this.#same[block] ?? 0) === 0 ? block : (this.#same[block] ?? 0) - 1;
  }

  #grow(): void {
    const size = this.#at.length * 2;
    const grown = <T extends Float64Array | Uint32Array | Uint8Array>(old: T, bigger: T): T => {
      bigger.set(old);
      return bigger;
    };
    this.#at = grown(this.#at, new Float64Array(size));
    this.#stored = grown(this.#stored, new Uint32Array(size));
    this.#plain = grown(this.#plain, new Uint32Array(size));
    this.#raw = grown(this.#raw, new Uint8Array(size));
    this.#same = grown(this.#same, new Uint32Array(size));
    this.#base = grown(this.#base, new Uint32Array(size));
  }
}
