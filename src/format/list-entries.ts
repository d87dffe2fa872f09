import type { IndexEntry } from "../contract/manifest.ts";
import { type BytePath, toDisplay } from "./byte-path.ts";
import type { FoundEntry } from "./find-entry.ts";
import { entryPath, type IndexSource, readIndex } from "./read-index.ts";

/** The entries at `prefix` (without leading slash) and below it, in the archive's order and in constant memory; all of them for "". */
export async function* listEntries(source: IndexSource, prefix: BytePath): AsyncGenerator<IndexEntry, void, undefined> {
  for await (const { entry } of findEntries(source, prefix)) yield entry;
}

/** The same, each with its place in the archive. */
export async function* findEntries(source: IndexSource, prefix: BytePath): AsyncGenerator<FoundEntry, void, undefined> {
  const needle = Buffer.from(`"path":${JSON.stringify(toDisplay(prefix)).slice(0, -1)}`);
  const wanted = prefix === "" ? undefined : (line: Buffer) => line.includes(needle);
  for await (const found of readIndex(source, wanted)) {
    const path = entryPath(found.entry);
    if (prefix === "" || path === prefix || path.startsWith(`${prefix}/`)) yield found;
  }
}
