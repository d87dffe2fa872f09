import type { IndexEntry } from "../contract/manifest.ts";
import { type BytePath, isUtf8, toBytes, toDisplay } from "../format/byte-path.ts";
import { type Columns, directory, entryTypes, file, hardlink, shaWords, unlisted } from "./columns.ts";

interface Content extends Columns {
  count: number;
  /** The nodes' names, joined. */
  names: Buffer;
  /** The same as they are compared, each between slashes. */
  folded: Buffer;
  links: Buffer;
}

/** Folders whose sorted children are kept. */
const keptOrders = 16;

/**
 * The paths of a backup's index as a tree, in a few pieces of memory. A node is a number; 0 stands above all paths. A node
 * has a higher number than the one above it. Directories above the listed paths are nodes as well.
 */
export class IndexTable {
  readonly content: Content;
  /** The memory that it takes, about. */
  readonly bytes: number;
  /** Sorted out when the first folder is looked into: a search needs no children. */
  #children: Children | null = null;
  readonly #orders = new Map<number, Uint32Array>();

  constructor(content: Content, bytes: number) {
    this.content = content;
    this.bytes = bytes + 2 * content.parent.byteLength;
  }

  get count(): number {
    return this.content.count;
  }

  isListed(node: number): boolean {
    return this.content.ordinal[node] !== unlisted;
  }

  isDirectory(node: number): boolean {
    return this.content.type[node] === directory;
  }

  hasChildren(node: number): boolean {
    const { first } = this.#sortedOut();
    return first[node] !== first[node + 1];
  }

  /** In the order in which the index has them, which is that of their bytes where Davit wrote it. */
  children(node: number): Uint32Array {
    const { first, children } = this.#sortedOut();
    return children.subarray(first[node], first[node + 1]);
  }

  /** Folders first, then by name, as a person looks for them. */
  sortedChildren(node: number): Uint32Array {
    const known = this.#orders.get(node);
    const sorted = known ?? this.children(node).toSorted((one, other) => this.#compareForPeople(one, other));
    this.#orders.delete(node);
    this.#orders.set(node, sorted);
    const [oldest] = this.#orders.keys();
    if (this.#orders.size > keptOrders && oldest !== undefined) this.#orders.delete(oldest);
    return sorted;
  }

  /** The node at a path; null where there is none, 0 for the empty path. */
  find(path: BytePath): number | null {
    if (path === "") return 0;
    let node = 0;
    for (const part of path.split("/")) {
      const name = toBytes(part);
      const found = this.children(node).find((child) => this.isNamed(child, name));
      if (found === undefined) return null;
      node = found;
    }
    return node;
  }

  name(node: number): BytePath {
    const { names, nameEnd } = this.content;
    return node === 0 ? "" : names.toString("latin1", nameEnd[node - 1], nameEnd[node]);
  }

  path(node: number): BytePath {
    const parts: BytePath[] = [];
    for (let at = node; at !== 0; at = this.content.parent[at] ?? 0) parts.push(this.name(at));
    return parts.toReversed().join("/");
  }

  /** The target of a link; empty for what is none. */
  link(node: number): BytePath {
    const { links, linkEnd, linkLength } = this.content;
    const end = linkEnd[node] ?? 0;
    return links.toString("latin1", end - (linkLength[node] ?? 0), end);
  }

  /** Seconds since 1970 with nine decimals. */
  mtime(node: number): string {
    const { seconds, nanoseconds } = this.content;
    const whole = seconds[node] ?? 0;
    const sign = whole < 0 || Object.is(whole, -0) ? "-" : "";
    return `${sign}${Math.abs(whole)}.${String(nanoseconds[node] ?? 0).padStart(9, "0")}`;
  }

  /** The line of the index that a listed node stands for. */
  entry(node: number): IndexEntry {
    const { type, size, mode, uid, gid, member, offset } = this.content;
    const path = this.path(node);
    const link = this.link(node);
    const isLink = (type[node] ?? 0) > file && link !== "";
    return {
      path: toDisplay(path),
      ...(isUtf8(path) ? {} : { path64: toBytes(path).toString("base64") }),
      type: entryTypes[type[node] ?? 0] ?? "directory",
      size: type[node] === file ? (size[node] ?? 0) : 0,
      mode: mode[node] ?? 0,
      uid: uid[node] ?? 0,
      gid: gid[node] ?? 0,
      mtime: this.mtime(node),
      ...(isLink ? { link: toDisplay(link) } : {}),
      ...(isLink && !isUtf8(link) ? { link64: toBytes(link).toString("base64") } : {}),
      ...(type[node] === file ? { sha256: this.#sha256(node) } : {}),
      member: member[node] ?? 0,
      offset: offset[node] ?? 0,
    };
  }

  /** Whether both nodes have the same content; what has none is like anything else that has none. */
  hasSameContent(node: number, other: IndexTable, otherNode: number): boolean {
    const [own, its] = [this.content.sha256, other.content.sha256];
    for (let word = 0; word < shaWords; word += 1)
      if (own[node * shaWords + word] !== its[otherNode * shaWords + word]) return false;
    return true;
  }

  hasContent(node: number): boolean {
    return this.content.type[node] === file || this.content.type[node] === hardlink;
  }

  isNamed(node: number, name: Uint8Array): boolean {
    const { names, nameEnd } = this.content;
    const start = nameEnd[node - 1] ?? 0;
    if ((nameEnd[node] ?? 0) - start !== name.length) return false;
    for (let at = 0; at < name.length; at += 1) if (names[start + at] !== name[at]) return false;
    return true;
  }

  #sortedOut(): Children {
    this.#children ??= childrenOf(this.content);
    return this.#children;
  }

  #sha256(node: number): string {
    const words = this.content.sha256.subarray(node * shaWords, (node + 1) * shaWords);
    return Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
  }

  #compareForPeople(one: number, other: number): number {
    if (this.isDirectory(one) !== this.isDirectory(other)) return this.isDirectory(one) ? -1 : 1;
    const { folded, foldedEnd, names, nameEnd } = this.content;
    // Each folded name comes after a slash.
    const rank = folded.compare(
      folded,
      (foldedEnd[other - 1] ?? 0) + 1,
      foldedEnd[other],
      (foldedEnd[one - 1] ?? 0) + 1,
      foldedEnd[one],
    );
    if (rank !== 0) return rank;
    return names.compare(names, nameEnd[other - 1], nameEnd[other], nameEnd[one - 1], nameEnd[one]);
  }
}

/** The children of node N are `children[first[N], first[N + 1])`, in the order in which they came. */
interface Children {
  first: Uint32Array;
  children: Uint32Array;
}

function childrenOf({ count, parent }: Content): Children {
  const first = new Uint32Array(count + 1);
  for (let node = 1; node < count; node += 1) {
    const above = parent[node] ?? 0;
    first[above + 1] = (first[above + 1] ?? 0) + 1;
  }
  for (let node = 1; node <= count; node += 1) first[node] = (first[node] ?? 0) + (first[node - 1] ?? 0);
  const next = first.slice();
  const children = new Uint32Array(count);
  for (let node = 1; node < count; node += 1) {
    const above = parent[node] ?? 0;
    const at = next[above] ?? 0;
    children[at] = node;
    next[above] = at + 1;
  }
  return { first, children };
}
