import { Failure } from "../failure/failure.ts";
import { type BytePath, toDisplay } from "./byte-path.ts";
import { entryFromHeaders } from "./entry-from-headers.ts";
import { parsePaxRecords } from "./pax-records.ts";
import { blockSize, parseTarHeader, type TarHeader } from "./parse-tar-header.ts";
import { parseSparseMap } from "./parse-sparse-map.ts";
import type { TarEntry } from "./tar-entry.ts";

/** The most that one entry's extended attributes and long names may take. */
const maxPaxBytes = 32 * 1024 * 1024;

/**
 * Reads a tar stream entry by entry, in constant memory: `next` gives an entry, `read` its content piece by piece. What is
 * not read of an entry is skipped. Every oddity is a Failure `damaged`, or `unsafe` where an entry is one that no backup holds.
 */
export class TarReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Bytes of the current entry's data that are still to come, and the padding after them. */
  #left = 0;
  #padding = 0;
  #current: BytePath = "";

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next entry, or null at the archive's end mark. */
  async next(): Promise<TarEntry | null> {
    await this.#finishEntry();
    let records: Map<BytePath, Buffer> | null = null;
    for (;;) {
      const header = parseTarHeader(await this.#take(blockSize));
      if (header === null) {
        if (records !== null) throw new Failure("damaged", "the archive ends after an extended header");
        return await this.#end();
      }
      if (header.type === "x") {
        if (records !== null) throw new Failure("damaged", "the archive has two extended headers for one entry");
        records = await this.#paxRecords(header);
      } else {
        const { entry, stored } = entryFromHeaders(header, records ?? new Map<BytePath, Buffer>());
        return await this.#begin(entry, stored);
      }
    }
  }

  /** The next piece of the current entry's data (of a sparse file: of its regions, joined), or null when there is no more. */
  async read(): Promise<Buffer | null> {
    if (this.#left === 0) return null;
    if (this.#at === this.#buffer.length) await this.#fill();
    const piece = this.#buffer.subarray(this.#at, this.#at + this.#left);
    this.#at += piece.length;
    this.#left -= piece.length;
    return piece;
  }

  /** Reads on to the end of the stream, past the archive's end mark. */
  async drain(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }

  /** Passes over `count` bytes; only before the first `next`. */
  async skip(count: number): Promise<void> {
    this.#left = count;
    while ((await this.read()) !== null);
  }

  /** Lets go of the stream below. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #begin(entry: TarEntry, stored: number): Promise<TarEntry> {
    this.#current = entry.path;
    this.#left = stored;
    this.#padding = padding(stored);
    if (entry.regions === null) return entry;
    const { regions, mapBytes } = await parseSparseMap(entry, stored, () => this.#take(blockSize));
    this.#left = stored - mapBytes;
    return { ...entry, regions };
  }

  async #finishEntry(): Promise<void> {
    while ((await this.read()) !== null);
    if (this.#padding > 0) await this.#take(this.#padding);
    this.#padding = 0;
  }

  async #end(): Promise<null> {
    const second = await this.#take(blockSize);
    if (parseTarHeader(second) !== null) throw new Failure("damaged", "the archive goes on after its end mark");
    return null;
  }

  async #paxRecords(header: TarHeader): Promise<Map<BytePath, Buffer>> {
    if (header.size > maxPaxBytes)
      throw new Failure("damaged", `the archive has an extended header of ${header.size} bytes`);
    const body = await this.#take(header.size);
    if (padding(header.size) > 0) await this.#take(padding(header.size));
    return parsePaxRecords(body);
  }

  /** Exactly `count` bytes. The result stays valid: chunks are never written to again. */
  async #take(count: number): Promise<Buffer> {
    if (this.#buffer.length - this.#at < count) {
      const parts = [this.#buffer.subarray(this.#at)];
      let have = this.#buffer.length - this.#at;
      while (have < count) {
        this.#at = this.#buffer.length;
        await this.#fill();
        parts.push(this.#buffer);
        have += this.#buffer.length;
      }
      this.#buffer = Buffer.concat(parts);
      this.#at = 0;
    }
    const taken = this.#buffer.subarray(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }

  async #fill(): Promise<void> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done === true)
        throw new Failure(
          "damaged",
          this.#current === ""
            ? "the archive ends too early"
            : `the archive ends too early, in or after ${toDisplay(this.#current)}`,
        );
      if (next.value.length === 0) continue;
      this.#buffer = next.value;
      this.#at = 0;
      return;
    }
  }
}

function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}
