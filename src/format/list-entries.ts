import type { IndexEntry } from "../contract/manifest.ts";
import { type BytePath, toDisplay } from "./byte-path.ts";
import { entryPath, type IndexSource, readIndex } from "./read-index.ts";

/** The entries at `prefix` (without leading slash) and below it, in the archive's order and in constant memory; all of them for "". */
export async function* listEntries(source: IndexSource, prefix: BytePath): AsyncGenerator<IndexEntry, void, undefined> {
  const needle = Buffer.from(`"path":${JSON.stringify(toDisplay(prefix)).slice(0, -1)}`);
  const wanted = prefix === "" ? undefined : (line: Buffer) => line.includes(needle);
  for await (const { entry } of readIndex(source, wanted)) {
    const path = entryPath(entry);
    if (prefix === "" || path === prefix || path.startsWith(`${prefix}/`)) yield entry;
  }
}
