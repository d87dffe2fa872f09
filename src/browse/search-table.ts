import { unlisted } from "./columns.ts";
import type { IndexTable } from "./index-table.ts";
import { matchGlob } from "./match-glob.ts";
import type { SearchWord } from "./search-words.ts";

/** How well an entry matches, best first; each a number of `ranks`. */
const exact = 0;
const atStart = 1;
const inName = 2;
const inPath = 3;
const ranks = [exact, atStart, inName, inPath];
const none = 0xff;

export interface Hits {
  /** The nodes of the page that was asked for. */
  nodes: number[];
  /** How many entries match in all. */
  total: number;
}

/**
 * The entries whose path, with a slash before it, has every word: text anywhere, a glob that matches the whole name (or with
 * slashes, so many parts at the path's end). First those that are called so, then those whose name begins with the first
 * word, those that have all words in their name, and those that have them in their path; each in the order of the index.
 */
export function searchTable(
  table: IndexTable,
  words: readonly SearchWord[],
  { skip, limit }: { skip: number; limit: number },
): Hits {
  const own = new Uint16Array(table.count);
  const globs = new Uint16Array(table.count);
  for (const [number, word] of words.entries()) {
    const bit = 1 << number;
    if (word.isGlob) markGlob(table, word.parts, globs, bit);
    else if (word.parts.length === 1) markText(table, word.parts[0] ?? noText, own, bit);
    else markPath(table, word.parts, own, bit);
  }
  const found = rankAll(table, words, own, globs);
  const nodes: number[] = [];
  let left = skip;
  for (const rank of ranks) {
    const count = found.counts[rank] ?? 0;
    if (left >= count) left -= count;
    else {
      for (
        let node = found.ranks.indexOf(rank);
        node >= 0 && nodes.length < limit;
        node = found.ranks.indexOf(rank, node + 1)
      ) {
        if (left > 0) left -= 1;
        else nodes.push(node);
      }
    }
  }
  return { nodes, total: found.counts.reduce((sum, count) => sum + count, 0) };
}

const noText = Buffer.alloc(0);

/** What a name has, all below it have in their path: nodes come after the one above them. */
function rankAll(
  table: IndexTable,
  words: readonly SearchWord[],
  own: Uint16Array,
  globs: Uint16Array,
): { ranks: Uint8Array; counts: number[] } {
  const { parent, ordinal } = table.content;
  const { count } = table;
  const all = (1 << words.length) - 1;
  const below = new Uint16Array(count);
  const found = { ranks: new Uint8Array(count).fill(none), counts: [0, 0, 0, 0] };
  const first = words.find(({ isGlob, parts }) => !isGlob && parts.length === 1)?.parts[0] ?? null;
  for (let node = 1; node < count; node += 1) {
    const mine = own[node] ?? 0;
    const inherited = (below[parent[node] ?? 0] ?? 0) | mine;
    below[node] = inherited;
    const glob = globs[node] ?? 0;
    if ((inherited | glob) !== all || ordinal[node] === unlisted) continue;
    const rank = (mine | glob) === all ? nameRank(table, node, first, words) : inPath;
    found.ranks[node] = rank;
    found.counts[rank] = (found.counts[rank] ?? 0) + 1;
  }
  return found;
}

function nameRank(table: IndexTable, node: number, first: Buffer | null, words: readonly SearchWord[]): number {
  if (first === null || !beginsWith(table, node, first)) return inName;
  const [start, end] = foldedRange(table, node);
  return words.length === 1 && first.length === end - start ? exact : atStart;
}

/** Marks the nodes whose name has the text in it. */
function markText(table: IndexTable, text: Buffer, marks: Uint16Array, bit: number): void {
  const { folded, foldedEnd } = table.content;
  if (text.length === 1) {
    markByte(table, text[0] ?? 0, marks, bit);
    return;
  }
  let node = 0;
  for (let at = folded.indexOf(text); at >= 0; at = folded.indexOf(text, foldedEnd[node])) {
    node = nodeAt(foldedEnd, at, node);
    marks[node] = (marks[node] ?? 0) | bit;
  }
}

/** The same for one letter, which most names have: a call for each would take longer than looking at every byte. */
function markByte(table: IndexTable, byte: number, marks: Uint16Array, bit: number): void {
  const { folded, foldedEnd } = table.content;
  const { count } = table;
  for (let node = 1, at = 1; node < count; node += 1) {
    const end = foldedEnd[node] ?? 0;
    while (at < end && folded[at] !== byte) at += 1;
    if (at < end) marks[node] = (marks[node] ?? 0) | bit;
    at = end + 1;
  }
}

/** The first node at or after `from` whose folded name ends after `at`: by steps that double, since hits are often near. */
function nodeAt(foldedEnd: Uint32Array, at: number, from: number): number {
  let low = from;
  let step = 1;
  while (low + step < foldedEnd.length && (foldedEnd[low + step] ?? 0) <= at) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, foldedEnd.length - 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((foldedEnd[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Marks the nodes at whose name's start the last part of a text with slashes stands, with the others above them. */
function markPath(table: IndexTable, parts: readonly Buffer[], marks: Uint16Array, bit: number): void {
  const { parent } = table.content;
  const last = parts.at(-1) ?? noText;
  for (let node = 1; node < table.count; node += 1) {
    if (!beginsWith(table, node, last)) continue;
    let above: number | null = node;
    let number = parts.length - 2;
    for (; number >= 0; number -= 1) {
      above = above === 0 ? null : (parent[above] ?? 0);
      if (above === null) break;
      const part = parts[number] ?? noText;
      if (!endsWith(table, above, part, number > 0)) break;
    }
    if (number < 0) marks[node] = (marks[node] ?? 0) | bit;
  }
}

/** Marks the nodes whose name, with those above them, matches the parts of a glob; an empty first part is what stands above all. */
function markGlob(table: IndexTable, parts: readonly Buffer[], marks: Uint16Array, bit: number): void {
  const { folded, foldedEnd } = table.content;
  const { count } = table;
  const last = parts.at(-1) ?? noText;
  const above = parts.slice(0, -1);
  for (let node = 1, start = 1; node < count; node += 1) {
    const end = foldedEnd[node] ?? 0;
    if (matchGlob(last, folded, start, end) && (above.length === 0 || isBelow(table, node, above)))
      marks[node] = (marks[node] ?? 0) | bit;
    start = end + 1;
  }
}

function isBelow(table: IndexTable, node: number, parts: readonly Buffer[]): boolean {
  const { parent, folded } = table.content;
  let at = node;
  for (const part of parts.toReversed()) {
    if (at === 0) return false;
    at = parent[at] ?? 0;
    const [start, end] = foldedRange(table, at);
    if (at === 0 ? part.length > 0 : !matchGlob(part, folded, start, end)) return false;
  }
  return true;
}

function foldedRange(table: IndexTable, node: number): readonly [start: number, end: number] {
  const { foldedEnd } = table.content;
  return node === 0 ? [0, 0] : [(foldedEnd[node - 1] ?? 0) + 1, foldedEnd[node] ?? 0];
}

function beginsWith(table: IndexTable, node: number, text: Buffer): boolean {
  const { folded } = table.content;
  const [start, end] = foldedRange(table, node);
  return end - start >= text.length && isAt(folded, start, text);
}

function endsWith(table: IndexTable, node: number, text: Buffer, whole: boolean): boolean {
  const { folded } = table.content;
  const [start, end] = foldedRange(table, node);
  const length = end - start;
  return (whole ? length === text.length : length >= text.length) && isAt(folded, end - text.length, text);
}

function isAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let next = 0; next < text.length; next += 1) if (bytes[at + next] !== text[next]) return false;
  return true;
}
