import { Failure } from "../failure/failure.ts";
import { bytesOf, type Columns, directory, firstRows, hardlink, makeColumns, shaWords, unlisted } from "./columns.ts";
import { foldText } from "./fold-text.ts";
import { GrowingBytes } from "./growing-bytes.ts";
import { IndexTable } from "./index-table.ts";
import { NameTable } from "./name-table.ts";
import type { LastPath, ScannedLine } from "./line-scanner.ts";
import { viewed } from "./scan-bytes.ts";

const slash = 0x2f;
/** What Linux takes, and what bounds how deep a folder can lie. */
const longestPath = 4096;
/** A manifest may lie: more memory is taken when it is needed. */
const mostAtFirst = 2 ** 20;
/** Sixty-four million take ten gigabytes of memory. */
const mostNodes = 2 ** 26;

/** Puts the lines of an index together to a table. They may come in any order; in that of a walk it is quickest. */
export class TableBuilder {
  readonly #names = new GrowingBytes();
  readonly #folded = new GrowingBytes();
  readonly #links = new GrowingBytes();
  readonly #known = new NameTable(this.#names);
  #columns: Columns;
  /** Of each node the child whose name is the last by its bytes; 0 where it has none. */
  #lastChild: Uint32Array<ArrayBuffer>;
  #count = 1;
  #lines = 0;
  /** The path that was added last. */
  readonly last: LastPath = { ...viewed(new Uint8Array(longestPath)), length: 0, isPlain: true };
  /** Where each of its parts ends, and their nodes. */
  readonly #ends = new Uint16Array(longestPath);
  readonly #nodes = new Uint32Array(longestPath);
  #depth = 0;

  /** `expected` says how many lines there will be, as far as anybody knows. */
  constructor(expected: number) {
    const capacity = Math.min(expected, mostAtFirst) + 64;
    this.#columns = makeColumns(capacity);
    this.#lastChild = new Uint32Array(capacity);
    this.#columns.ordinal[0] = unlisted;
    this.#folded.append(Buffer.of(slash), 0, 1);
    this.#columns.foldedEnd[0] = 0;
  }

  /** How many lines were added. */
  get lines(): number {
    return this.#lines;
  }

  /**
   * Adds the next line; its paths are ranges of `bytes`, in which nothing is escaped where it `isPlain`. Throws a `damaged`
   * Failure for one that no index has.
   */
  add(bytes: Uint8Array, line: ScannedLine, isPlain: boolean): void {
    if (line.mode > 0xffff || line.uid > 0xffff_ffff || line.gid > 0xffff_ffff || line.offset > 0xffff_ffff)
      throw new Failure("damaged", "it has a number that can't be");
    if (line.pathEnd - line.pathStart > longestPath || line.linkEnd - line.linkStart > 0xffff)
      throw new Failure("damaged", "it has a path that is too long");
    const node = this.#enter(bytes, line);
    this.last.isPlain = isPlain;
    const columns = this.#columns;
    if (columns.ordinal[node] !== unlisted)
      throw new Failure(
        "damaged",
        `it lists one path twice: ${Buffer.from(bytes.subarray(line.pathStart, line.pathEnd)).toString()}`,
      );
    columns.ordinal[node] = this.#lines;
    columns.type[node] = line.type;
    columns.size[node] = line.type === directory ? 0 : line.size;
    columns.mode[node] = line.mode;
    columns.uid[node] = line.uid;
    columns.gid[node] = line.gid;
    columns.seconds[node] = line.seconds;
    columns.nanoseconds[node] = line.nanoseconds;
    columns.member[node] = line.member;
    columns.offset[node] = line.offset;
    for (let word = 0; word < shaWords; word += 1) columns.sha256[node * shaWords + word] = line.sha256[word] ?? 0;
    if (line.linkEnd > line.linkStart) {
      this.#links.append(bytes, line.linkStart, line.linkEnd);
      columns.linkEnd[node] = this.#links.length;
      columns.linkLength[node] = line.linkEnd - line.linkStart;
    }
    this.#lines += 1;
  }

  finish(): IndexTable {
    this.#resolveHardLinks();
    this.#sumUp();
    const columns = firstRows(this.#columns, this.#count);
    const texts = { names: this.#names.trimmed(), folded: this.#folded.trimmed(), links: this.#links.trimmed() };
    const bytes = bytesOf(columns) + texts.names.length + texts.folded.length + texts.links.length;
    return new IndexTable({ ...columns, ...texts, count: this.#count }, bytes);
  }

  /** The node of a line's path; those that are not there yet are made. */
  #enter(bytes: Uint8Array, { pathStart: start, pathEnd: end, shared }: ScannedLine): number {
    let depth = this.#sharedParts(bytes, start, end, shared);
    let node = depth === 0 ? 0 : (this.#nodes[depth - 1] ?? 0);
    let at = depth === 0 ? start : start + (this.#ends[depth - 1] ?? 0) + 1;
    for (; at <= end; depth += 1) {
      let next = Math.max(at, start + Math.min(shared, depth < this.#depth ? (this.#ends[depth] ?? 0) : 0));
      while (next < end && bytes[next] !== slash) next += 1;
      node = this.#child(node, bytes, at, next);
      this.#ends[depth] = next - start;
      this.#nodes[depth] = node;
      at = next + 1;
    }
    this.#depth = depth;
    const { bytes: last } = this.last;
    for (let next = shared; next < end - start; next += 1) last[next] = bytes[start + next] ?? 0;
    this.last.length = end - start;
    return node;
  }

  /** How many whole parts are in the bytes that a path shares with the one before. */
  #sharedParts(bytes: Uint8Array, start: number, end: number, shared: number): number {
    let parts = 0;
    while (parts < this.#depth) {
      const partEnd = this.#ends[parts] ?? 0;
      if (partEnd > shared || (start + partEnd < end && bytes[start + partEnd] !== slash)) break;
      parts += 1;
    }
    return parts;
  }

  /** The child of that name. In the order of a walk it is the last one or a new one, and nobody has to look for it. */
  #child(parent: number, bytes: Uint8Array, start: number, end: number): number {
    const last = this.#lastChild[parent] ?? 0;
    const order = last === 0 ? 1 : this.#compareName(last, bytes, start, end);
    if (order === 0) return last;
    const known = order > 0 ? 0 : this.#known.find(this.#columns, this.#count, parent, bytes.subarray(start, end));
    if (known !== 0) return known;
    const made = this.#make(parent, bytes, start, end);
    if (order > 0) this.#lastChild[parent] = made;
    return made;
  }

  /** Above 0 where the name comes after that of the node. */
  #compareName(node: number, bytes: Uint8Array, start: number, end: number): number {
    const names = this.#names.bytes;
    const nodeEnd = this.#columns.nameEnd[node] ?? 0;
    let own = this.#columns.nameEnd[node - 1] ?? 0;
    for (let at = start; at < end && own < nodeEnd; at += 1) {
      const difference = (bytes[at] ?? 0) - (names[own] ?? 0);
      if (difference !== 0) return difference;
      own += 1;
    }
    return end - start - (nodeEnd - (this.#columns.nameEnd[node - 1] ?? 0));
  }

  #make(parent: number, bytes: Uint8Array, start: number, end: number): number {
    const node = this.#count;
    if (node === mostNodes) throw new Failure("failed", "it has more entries than can be browsed");
    if (node === this.#lastChild.length) {
      this.#columns = makeColumns(node * 2, this.#columns);
      const lastChild = new Uint32Array(node * 2);
      lastChild.set(this.#lastChild);
      this.#lastChild = lastChild;
    }
    const columns = this.#columns;
    this.#appendName(bytes, start, end);
    columns.parent[node] = parent;
    columns.nameEnd[node] = this.#names.length;
    columns.foldedEnd[node] = this.#folded.length - 1;
    columns.ordinal[node] = unlisted;
    this.#count += 1;
    return node;
  }

  /** Appends a name as it is, and as it is compared with the slash that stands before the next one. */
  #appendName(bytes: Uint8Array, start: number, end: number): void {
    const names = this.#names;
    const folded = this.#folded;
    const length = end - start;
    names.reserve(length);
    folded.reserve(length + 1);
    const [nameBytes, foldedBytes] = [names.bytes, folded.bytes];
    const [nameAt, foldedAt] = [names.length, folded.length];
    let highest = 0;
    for (let next = 0; next < length; next += 1) {
      const byte = bytes[start + next] ?? 0;
      highest |= byte;
      nameBytes[nameAt + next] = byte;
      foldedBytes[foldedAt + next] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    }
    names.length = nameAt + length;
    if (highest < 0x80) {
      foldedBytes[foldedAt + length] = slash;
      folded.length = foldedAt + length + 1;
    } else {
      const text = Buffer.from(`${foldText(Buffer.from(bytes.subarray(start, end)).toString("utf8"))}/`);
      folded.append(text, 0, text.length);
    }
  }

  /** A hard link has the content of the file that it names. */
  #resolveHardLinks(): void {
    const { type, linkEnd, linkLength, sha256 } = this.#columns;
    const links = this.#links.bytes;
    for (let node = 1; node < this.#count; node += 1) {
      if (type[node] !== hardlink) continue;
      const end = linkEnd[node] ?? 0;
      const named = this.#find(links, end - (linkLength[node] ?? 0), end);
      if (named !== 0) sha256.copyWithin(node * shaWords, named * shaWords, (named + 1) * shaWords);
    }
  }

  #find(bytes: Uint8Array, start: number, end: number): number {
    let node = 0;
    for (let at = start; at <= end;) {
      let next = at;
      while (next < end && bytes[next] !== slash) next += 1;
      node = this.#known.find(this.#columns, this.#count, node, bytes.subarray(at, next));
      if (node === 0) return 0;
      at = next + 1;
    }
    return node;
  }

  /** What is above comes before what is below: backwards, each node is complete when it is added to the one above. */
  #sumUp(): void {
    const { parent, size, below, ordinal }: Columns = this.#columns;
    for (let node = this.#count - 1; node > 0; node -= 1) {
      const above = parent[node] ?? 0;
      size[above] = (size[above] ?? 0) + (size[node] ?? 0);
      below[above] = (below[above] ?? 0) + (below[node] ?? 0) + (ordinal[node] === unlisted ? 0 : 1);
    }
  }
}
