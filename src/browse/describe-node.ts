import type { BrowseEntry, Change } from "../contract/browse.ts";
import { type BytePath, isUtf8, toBytes, toDisplay } from "../format/byte-path.ts";
import { type Difference, differences, kindOf } from "./compare-tables.ts";
import { entryTypes, file } from "./columns.ts";
import type { IndexTable } from "./index-table.ts";

/** A node as lists show it. */
export function describeNode(table: IndexTable, node: number): BrowseEntry {
  const { size, below } = table.content;
  return {
    name: toDisplay(table.name(node)),
    ...positionOf(table.path(node)),
    ...statusOf(table, node),
    listed: table.isListed(node),
    ...(table.isDirectory(node) ? { below: { entries: below[node] ?? 0, bytes: size[node] ?? 0 } } : {}),
  };
}

/** A difference of two tables as lists show it. */
export function describeDifference(now: IndexTable, before: IndexTable, difference: Difference): Change {
  const { now: node, before: earlier, what } = difference;
  return {
    ...positionOf(earlier === 0 ? now.path(node) : before.path(earlier)),
    kind: kindOf(difference),
    what: differences.filter((_, bit) => (what & (1 << bit)) !== 0),
    now: node === 0 ? null : statusOf(now, node),
    before: earlier === 0 ? null : statusOf(before, earlier),
  };
}

function positionOf(path: BytePath): { path: string; path64?: string } {
  return { path: toDisplay(path), ...(isUtf8(path) ? {} : { path64: toBytes(path).toString("base64") }) };
}

function statusOf(table: IndexTable, node: number): NonNullable<Change["now"]> {
  const { type, size, mode, uid, gid } = table.content;
  const link = table.link(node);
  return {
    type: entryTypes[type[node] ?? 0] ?? "directory",
    size: type[node] === file ? (size[node] ?? 0) : 0,
    mode: mode[node] ?? 0,
    uid: uid[node] ?? 0,
    gid: gid[node] ?? 0,
    mtime: table.mtime(node),
    ...(link === "" ? {} : { link: toDisplay(link) }),
  };
}
