/** Bytes, and the same memory to be read in words. */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Bytes with a view of them. */
export function viewed(bytes: Uint8Array): Bytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** How many bytes at `at` are the same as the first ones of others, of which there are `most`. */
export function sharedLength({ bytes, view }: Bytes, at: number, other: Bytes, most: number): number {
  const end = Math.min(most, bytes.length - at);
  const others = other.view;
  let length = 0;
  while (length + 4 <= end && view.getInt32(at + length, true) === others.getInt32(length, true)) length += 4;
  while (length < end && bytes[at + length] === other.bytes[length]) length += 1;
  return length;
}

/** A text that lines have. */
export class Token {
  readonly #text: Bytes;

  constructor(text: string) {
    this.#text = viewed(new TextEncoder().encode(text));
  }

  /** Where it ends if it stands at `at`; -1 where another one does, and for -1. */
  pass(from: Bytes, at: number): number {
    const { length } = this.#text.bytes;
    return at >= 0 && sharedLength(from, at, this.#text, length) === length ? at + length : -1;
  }
}

const longest = 256;

/** A text that one line after the other has, most of them the same. */
export class Repeated {
  readonly #text = viewed(new Uint8Array(longest));
  #length = 0;

  /** Where it ends if it stands at `at` again; -1 else. */
  pass(from: Bytes, at: number): number {
    const length = this.#length;
    return length > 0 && at >= 0 && sharedLength(from, at, this.#text, length) === length ? at + length : -1;
  }

  /** From now on, the text `bytes[start, end)`; none where one of them is -1. */
  keep(bytes: Uint8Array, start: number, end: number): void {
    this.#length = 0;
    if (start < 0 || end < start || end - start > longest) return;
    this.#text.bytes.set(bytes.subarray(start, end));
    this.#length = end - start;
  }
}
