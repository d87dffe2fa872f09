import { Failure } from "../failure/failure.ts";
import { nearestName } from "../failure/nearest-name.ts";
import { type BytePath, toDisplay } from "../format/byte-path.ts";
import type { Answer, Question } from "./browse-message.ts";
import { compareTables, type Difference, kindOf } from "./compare-tables.ts";
import { describeDifference, describeNode } from "./describe-node.ts";
import type { IndexTable } from "./index-table.ts";
import { searchTable } from "./search-table.ts";
import { searchWords } from "./search-words.ts";

/** What lies in a folder. Throws `missing` where there is nothing at that path, `usage` where there is no folder. */
export function listFolder(table: IndexTable, { index, path, page }: Question<"folder">): Answer<"folder"> {
  const node = table.find(path);
  if (node === null) throw nothingAt(table, index.id, path);
  if (!table.isDirectory(node)) throw new Failure("usage", `/${toDisplay(path)} is no folder`);
  const children = table.sortedChildren(node);
  const wanted = children.subarray(page.skip, page.skip + page.limit);
  return {
    folder: describeNode(table, node),
    entries: Array.from(wanted, (child) => describeNode(table, child)),
    total: children.length,
    more: children.length > page.skip + page.limit,
  };
}

/** The entries that match. Throws `usage` for a text that is no search. */
export function search(table: IndexTable, { text, page }: Question<"search">): Answer<"search"> {
  const { nodes, total } = searchTable(table, searchWords(text), page);
  return {
    entries: nodes.map((node) => describeNode(table, node)),
    total,
    more: total > page.skip + nodes.length,
  };
}

/** What is different from an earlier index. */
export function compare(
  now: IndexTable,
  before: IndexTable,
  { index, before: earlier, kind, page }: Question<"compare">,
): Answer<"compare"> {
  const { counts, rows } = compareTables(now, before);
  const wanted: Difference[] = [];
  let left = page.skip;
  for (let at = 0; at < rows.length && wanted.length < page.limit; at += 3) {
    const difference = { now: rows[at] ?? 0, before: rows[at + 1] ?? 0, what: rows[at + 2] ?? 0 };
    if (kind !== null && kindOf(difference) !== kind) continue;
    if (left > 0) left -= 1;
    else wanted.push(difference);
  }
  const total = kind === null ? rows.length / 3 : counts[kind];
  return {
    id: index.id,
    with: earlier.id,
    counts,
    changes: wanted.map((difference) => describeDifference(now, before, difference)),
    total,
    more: total > page.skip + wanted.length,
  };
}

/** The entry at a path. */
export function peek(table: IndexTable | null, { path }: Question<"peek">): Answer<"peek"> {
  const node = table?.find(path) ?? null;
  if (table === null || node === null || !table.isListed(node)) return null;
  return { entry: table.entry(node), ordinal: table.content.ordinal[node] ?? 0 };
}

/** More names than a person has in one folder; what comes after them is not compared. */
const mostNames = 10_000;

function nothingAt(table: IndexTable, id: string, path: BytePath): Failure {
  const parts = path.split("/");
  let depth = 0;
  let node = 0;
  for (; depth < parts.length; depth += 1) {
    const found = table.find(parts.slice(0, depth + 1).join("/"));
    if (found === null) break;
    node = found;
  }
  const names = Array.from(table.children(node).subarray(0, mostNames), (child) => table.name(child));
  const near = nearestName(parts[depth] ?? "", names);
  const meant = near === null ? null : [...parts.slice(0, depth), near, ...parts.slice(depth + 1)].join("/");
  const hint = meant === null ? {} : { hint: `did you mean /${toDisplay(meant)}?` };
  return new Failure("missing", `${id} holds nothing at /${toDisplay(path)}`, hint);
}
