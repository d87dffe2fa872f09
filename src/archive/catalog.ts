import { closeSync, openSync, readSync, writeSync } from "node:fs";
import type { BytePath } from "../format/byte-path.ts";
import { signatureSize } from "../libc/file-status.ts";
import type { WalkPosition } from "./walk-order.ts";

/*
 * A catalog is what one pass of the archive stage read, one record a path, in the order of the walk: how the file looked,
 * so that the next pass knows whether it has changed, and its line for the index. It lives in the backup's working folder,
 * not in memory: a module may have millions of files.
 *
 * A record: its length (4 bytes, the rest counted), type, whether the file has several names, the source's number (2), the
 * file's size (8), its signature, then path, link target and index line, each with its length (4) before it.
 */

const types = ["file", "directory", "symlink", "hardlink", "fifo", "gone"] as const;
export type CatalogType = (typeof types)[number];

interface CatalogRecord extends WalkPosition {
  /** `gone` for what the pass did not find any more. */
  type: CatalogType;
  /** Whether the file has several names. */
  linked: boolean;
  size: number;
  /** `FileStatus.writeSignature` when it was read. */
  signature: Buffer;
  /** What a hard link leads to, as a path of the archive; empty for all else. */
  link: BytePath;
  /** The start of its line for the index, up to where it lies in the archive. */
  line: string;
}

const headSize = 4 + 1 + 1 + 2 + 8 + signatureSize;
const bufferSize = 256 * 1024;
const noSignature = Buffer.alloc(signatureSize);

export interface CatalogWriter {
  add(record: CatalogRecord): void;
  /** Tells that a path is gone. */
  addGone(position: WalkPosition): void;
  /** How many records there are. */
  readonly records: number;
  /** Writes the rest. */
  end(): void;
  close(): void;
}

/** A new catalog; synchronous, for the reading thread. */
export function createCatalog(path: string): CatalogWriter {
  const fd = openSync(path, "wx", 0o600);
  let buffer = Buffer.allocUnsafe(bufferSize);
  let used = 0;
  let records = 0;

  function flush(): void {
    for (let at = 0; at < used;) at += writeSync(fd, buffer, at, used - at);
    used = 0;
  }

  function text(value: string, encoding: "latin1" | "utf8"): void {
    const length = buffer.write(value, used + 4, encoding);
    buffer.writeUInt32LE(length, used);
    used += 4 + length;
  }

  function add({ type, linked, source, size, signature, relative, link, line }: CatalogRecord): void {
    const most = headSize + 12 + relative.length + link.length + 3 * line.length;
    if (used + most > buffer.length) flush();
    if (most > buffer.length) buffer = Buffer.allocUnsafe(most);
    const start = used;
    buffer[start + 4] = types.indexOf(type);
    buffer[start + 5] = linked ? 1 : 0;
    buffer.writeUInt16LE(source, start + 6);
    buffer.writeDoubleLE(size, start + 8);
    signature.copy(buffer, start + 16, 0, signatureSize);
    used += headSize;
    text(relative, "latin1");
    text(link, "latin1");
    text(line, "utf8");
    buffer.writeUInt32LE(used - start - 4, start);
    records += 1;
  }

  return {
    add,
    addGone: ({ source, relative }) =>
      add({ source, relative, type: "gone", linked: false, size: 0, signature: noSignature, link: "", line: "" }),
    get records() {
      return records;
    },
    end: flush,
    close: () => closeSync(fd),
  };
}

/** Goes through a catalog, record by record, at hardly any cost for what is not looked at. Synchronous. */
export interface CatalogCursor extends WalkPosition {
  /** Goes to the next record; false at the end. Nothing may be read before the first call, nor after the end. */
  next(): boolean;
  readonly type: CatalogType;
  readonly linked: boolean;
  readonly size: number;
  readonly link: BytePath;
  readonly line: string;
  /** The bytes of the signature, until the next record. */
  readonly signature: Buffer;
  close(): void;
}

export function openCatalog(path: string): CatalogCursor {
  return new Cursor(openSync(path, "r"));
}

class Cursor implements CatalogCursor {
  source = 0;
  relative: BytePath = "";
  readonly #fd: number;
  #buffer = Buffer.allocUnsafe(bufferSize);
  #start = 0; // of the record
  #length = 0; // of the record, its length included
  #filled = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  next(): boolean {
    this.#start += this.#length;
    this.#length = 0;
    if (!this.#fill(4)) return false;
    const length = 4 + this.#buffer.readUInt32LE(this.#start);
    if (!this.#fill(length)) throw new Error("a catalog of the archive stage ends in the middle of a record");
    this.#length = length;
    this.source = this.#buffer.readUInt16LE(this.#start + 6);
    this.relative = this.#text(0, "latin1");
    return true;
  }
  get type(): CatalogType {
    return types[this.#buffer.readUInt8(this.#start + 4)] ?? "gone";
  }
  get linked(): boolean {
    return this.#buffer[this.#start + 5] === 1;
  }
  get size(): number {
    return this.#buffer.readDoubleLE(this.#start + 8);
  }
  get signature(): Buffer {
    return this.#buffer.subarray(this.#start + 16, this.#start + 16 + signatureSize);
  }
  get link(): BytePath {
    return this.#text(1, "latin1");
  }
  get line(): string {
    return this.#text(2, "utf8");
  }
  close(): void {
    closeSync(this.#fd);
  }

  #text(number: number, encoding: "latin1" | "utf8"): string {
    let at = this.#start + headSize;
    for (let passed = 0; passed < number; passed += 1) at += 4 + this.#buffer.readUInt32LE(at);
    return this.#buffer.toString(encoding, at + 4, at + 4 + this.#buffer.readUInt32LE(at));
  }

  /** Makes sure that `length` bytes from the record's start on are in the buffer; false where the file ends before. */
  #fill(length: number): boolean {
    if (this.#start + length <= this.#filled) return true;
    const rest = this.#buffer.subarray(this.#start, this.#filled);
    if (length > this.#buffer.length) this.#buffer = Buffer.concat([rest], length + bufferSize);
    else rest.copy(this.#buffer);
    this.#filled = rest.length;
    this.#start = 0;
    while (this.#filled < length) {
      const got = readSync(this.#fd, this.#buffer, this.#filled, this.#buffer.length - this.#filled, null);
      if (got === 0) return false;
      this.#filled += got;
    }
    return true;
  }
}
