import type { ChangeKind } from "../contract/browse.ts";
import type { IndexTable } from "./index-table.ts";

/** What differs in an entry that both have; bits of `Difference.what`. */
export const differences = ["content", "type", "mode", "owner", "link"] as const;

/** One path that was added, has changed or was removed, as the nodes of both tables; 0 where one does not have it. */
export interface Difference {
  now: number;
  before: number;
  what: number;
}

/** The differences of two tables, in the order of their paths. */
export interface Differences {
  counts: Record<ChangeKind, number>;
  /** Three numbers each: those of a `Difference`. */
  rows: number[];
}

/** Which kind a difference is of. */
export function kindOf({ now, before }: Pick<Difference, "now" | "before">): ChangeKind {
  if (before === 0) return "added";
  return now === 0 ? "removed" : "changed";
}

/** Everything in which an index differs from an earlier one, by going through both trees side by side, once. */
export function compareTables(now: IndexTable, before: IndexTable): Differences {
  const found: Differences = { counts: { added: 0, changed: 0, removed: 0 }, rows: [] };

  function tell(node: number, earlier: number, what: number): void {
    found.counts[kindOf({ now: node, before: earlier })] += 1;
    found.rows.push(node, earlier, what);
  }

  /** A path is at most 4096 bytes long, so this is at most half as deep. */
  function visit(node: number | null, earlier: number | null): void {
    const isNow = node !== null && now.isListed(node);
    const wasBefore = earlier !== null && before.isListed(earlier);
    if (isNow && wasBefore) {
      const what = differenceOf(now, node, before, earlier);
      if (what !== 0) tell(node, earlier, what);
    } else if (isNow) tell(node, 0, 0);
    else if (wasBefore) tell(0, earlier, 0);
    const hasMore = (node !== null && now.hasChildren(node)) || (earlier !== null && before.hasChildren(earlier));
    if (hasMore)
      merge(
        node === null ? nothing : inByteOrder(now, node),
        earlier === null ? nothing : inByteOrder(before, earlier),
      );
  }

  function merge(own: Uint32Array, theirs: Uint32Array): void {
    let mine = 0;
    let their = 0;
    while (mine < own.length || their < theirs.length) {
      const node = own[mine];
      const earlier = theirs[their];
      const order = node === undefined ? 1 : earlier === undefined ? -1 : compareNames(now, node, before, earlier);
      visit(order <= 0 ? (node ?? null) : null, order >= 0 ? (earlier ?? null) : null);
      if (order <= 0) mine += 1;
      if (order >= 0) their += 1;
    }
  }

  visit(0, 0);
  return found;
}

const nothing = new Uint32Array(0);

/** Indexes that Davit wrote have them in that order already. */
function inByteOrder(table: IndexTable, node: number): Uint32Array {
  const children = table.children(node);
  for (let at = 1; at < children.length; at += 1) {
    if (compareNames(table, children[at - 1] ?? 0, table, children[at] ?? 0) > 0)
      return children.toSorted((one, other) => compareNames(table, one, table, other));
  }
  return children;
}

function compareNames(table: IndexTable, node: number, other: IndexTable, otherNode: number): number {
  const { names, nameEnd } = table.content;
  const { names: otherNames, nameEnd: otherEnd } = other.content;
  const start = nameEnd[node - 1] ?? 0;
  const otherStart = otherEnd[otherNode - 1] ?? 0;
  const length = (nameEnd[node] ?? 0) - start;
  const otherLength = (otherEnd[otherNode] ?? 0) - otherStart;
  const shorter = Math.min(length, otherLength);
  for (let at = 0; at < shorter; at += 1) {
    const difference = (names[start + at] ?? 0) - (otherNames[otherStart + at] ?? 0);
    if (difference !== 0) return difference;
  }
  return length - otherLength;
}

function differenceOf(now: IndexTable, node: number, before: IndexTable, earlier: number): number {
  const [own, theirs] = [now.content, before.content];
  const bothHaveContent = now.hasContent(node) && before.hasContent(earlier);
  let what = 0;
  if (bothHaveContent && !now.hasSameContent(node, before, earlier)) what |= 1;
  if (own.type[node] !== theirs.type[earlier]) what |= 2;
  if (own.mode[node] !== theirs.mode[earlier]) what |= 4;
  if (own.uid[node] !== theirs.uid[earlier] || own.gid[node] !== theirs.gid[earlier]) what |= 8;
  const isLink = own.linkEnd[node] !== 0 && theirs.linkEnd[earlier] !== 0;
  if (isLink && own.type[node] === theirs.type[earlier] && now.link(node) !== before.link(earlier)) what |= 16;
  return what;
}
