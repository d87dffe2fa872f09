import type { IndexEntry } from "../contract/manifest.ts";
import { type BytePath, toDisplay } from "./byte-path.ts";
import { missingEntry } from "./missing-entry.ts";
import { entryPath, type IndexSource, readIndex } from "./read-index.ts";

export interface FoundEntry {
  entry: IndexEntry;
  /** Its place in the archive, counted from 0. */
  ordinal: number;
}

/** The entry at `path` (without leading slash). A `missing` Failure names what is near it. */
export async function findEntry(source: IndexSource, path: BytePath): Promise<FoundEntry> {
  const needle = Buffer.from(`"path":${JSON.stringify(toDisplay(path))}`);
  for await (const found of readIndex(source, (line) => line.includes(needle)))
    if (entryPath(found.entry) === path) return found;
  throw await missingEntry(source, path);
}
