import { loadGunzipMember } from "../libc/gunzip-member.ts";
import { gunzip } from "./gunzip.ts";

const gunzipMember = loadGunzipMember();
/** So much is read before a member is decompressed, at least. */
const readAhead = 512 * 1024;
/** A member that is larger, packed or plain, is left to zlib; the writer's have about 1 MiB. */
const largest = 4 * 1024 * 1024;

/**
 * The plain bytes of gzip members that stand one after the other. Members of a moderate size are decompressed whole, the next
 * one while the reader is at work on the last; everything else, and whatever is damaged, is left to zlib. A piece holds its
 * bytes only until the next one is asked for: with new memory for each of them, half of the time that is gained would be lost.
 */
export async function* readMembers(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const bytes = chunks[Symbol.asyncIterator]();
  const members = new Members(bytes);
  let ahead: Promise<Buffer | null> | null = null;
  try {
    ahead = members.next();
    for (let plain = await ahead; plain !== null; plain = await ahead) {
      ahead = members.next();
      // A failure is thrown where it is awaited; unobserved until then it would end the process.
      ahead.catch(() => {});
      yield plain;
    }
    if (!members.isDone) yield* gunzip(members.rest());
  } finally {
    await ahead?.catch(() => {});
    await bytes.return?.();
  }
}

/** Takes one member after the other off a stream of bytes. */
class Members {
  readonly #chunks: AsyncIterator<Buffer>;
  #packed: Buffer = Buffer.alloc(0);
  #hasEnded = false;
  /** One of them is read while the other is filled. */
  #rooms: Buffer[] = [];
  #atLeast = readAhead;
  #taken = 0;

  constructor(chunks: AsyncIterator<Buffer>) {
    this.#chunks = chunks;
  }

  /** Whether all was taken; nothing at all is no gzip. */
  get isDone(): boolean {
    return this.#taken > 0 && this.#hasEnded && this.#packed.length === 0;
  }

  /** The next member, decompressed; null where there is none that can be. */
  async next(): Promise<Buffer | null> {
    if (gunzipMember === null) return null;
    const room = (this.#taken < 2 ? undefined : this.#rooms.shift()) ?? Buffer.allocUnsafeSlow(largest);
    this.#rooms.push(room);
    await this.#read(this.#atLeast);
    for (;;) {
      if (this.#packed.length === 0) return null;
      const done = await gunzipMember(this.#packed, room);
      if (done !== null) {
        this.#packed = this.#packed.subarray(done.packed);
        this.#taken += 1;
        this.#atLeast = Math.max(this.#atLeast, Math.min(done.packed * 2, largest));
        return room.subarray(0, done.plain);
      }
      // It may be one that is not all there.
      if (this.#hasEnded || this.#packed.length >= largest) return null;
      await this.#read(this.#packed.length * 2);
    }
  }

  /** What was not taken. */
  async *rest(): AsyncGenerator<Buffer, void, undefined> {
    if (this.#packed.length > 0) yield this.#packed;
    while (!this.#hasEnded) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return;
      yield value;
    }
  }

  /** Reads on until so many bytes are there. Some more, so that they are not moved for each member. */
  async #read(wanted: number): Promise<void> {
    let length = this.#packed.length;
    if (this.#hasEnded || length >= wanted) return;
    const parts = [this.#packed];
    while (length < wanted + readAhead) {
      const { done, value } = await this.#chunks.next();
      if (done === true) {
        this.#hasEnded = true;
        break;
      }
      parts.push(value);
      length += value.length;
    }
    this.#packed = Buffer.concat(parts);
  }
}
