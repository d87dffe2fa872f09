import { randomInt } from "node:crypto";
import type { GrowingBytes } from "./growing-bytes.ts";

interface Named {
  parent: Uint32Array;
  nameEnd: Uint32Array;
}

/** Finds a node by the one above it and its name, while nodes are still being added. */
export class NameTable {
  readonly #names: GrowingBytes;
  /** What files are called can't be made to fit: else one folder could be made to take hours. */
  readonly #seed = randomInt(2 ** 32) | 0;
  /** A node in each slot that is taken; 0, which is nothing's child, in others. */
  #slots = new Uint32Array(0);
  /** Nodes up to there are in it. */
  #taken = 1;

  constructor(names: GrowingBytes) {
    this.#names = names;
  }

  /** The node of that name below `parent`, of so many that there are; 0 where there is none. */
  find(of: Named, count: number, parent: number, name: Uint8Array): number {
    this.#takeIn(of, count);
    const slots = this.#slots;
    for (let slot = this.#hash(parent, name, 0, name.length); ; slot = (slot + 1) & (slots.length - 1)) {
      const node = slots[slot] ?? 0;
      if (node === 0 || (of.parent[node] === parent && this.#isNamed(of, node, name))) return node;
    }
  }

  /** Most indexes are never asked for a name, so nodes are taken in when the first one is. */
  #takeIn(of: Named, count: number): void {
    if (count * 2 > this.#slots.length) {
      this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(count * 4)));
      this.#taken = 1;
    }
    for (; this.#taken < count; this.#taken += 1) this.#place(of, this.#taken);
  }

  #place(of: Named, node: number): void {
    const slots = this.#slots;
    const start = of.nameEnd[node - 1] ?? 0;
    let slot = this.#hash(of.parent[node] ?? 0, this.#names.bytes, start, of.nameEnd[node] ?? 0);
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = node;
  }

  #hash(parent: number, from: Uint8Array, start: number, end: number): number {
    let hash = Math.imul(this.#seed ^ parent, 0x9e37_79b1);
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (from[at] ?? 0), 0x0100_0193);
    hash ^= hash >>> 15;
    return Math.imul(hash, 0x85eb_ca6b) & (this.#slots.length - 1);
  }

  #isNamed(of: Named, node: number, name: Uint8Array): boolean {
    const first = of.nameEnd[node - 1] ?? 0;
    if ((of.nameEnd[node] ?? 0) - first !== name.length) return false;
    const { bytes } = this.#names;
    for (let at = 0; at < name.length; at += 1) if (bytes[first + at] !== name[at]) return false;
    return true;
  }
}
