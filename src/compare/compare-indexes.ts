import { crc32 } from "node:zlib";
import { type BytePath, fromText } from "../format/byte-path.ts";
import { entryPath, type IndexFile, readIndex } from "../format/read-index.ts";
import type { Difference } from "./find-anomalies.ts";

export interface IndexPair {
  now: IndexFile;
  before: IndexFile;
  /** Absolute host paths of the sources of the new backup. */
  sources: readonly string[];
  /** How many files are remembered; of larger indexes a sample is compared. */
  mostFiles?: number;
}

/** A path and a checksum take some 200 bytes: 20 MB, whatever the size of the module. */
const usualFiles = 100_000;

/**
 * How the files of an earlier backup fare in a new one. Of large indexes a sample is compared, the same paths of both, chosen
 * by a checksum of the path, so that memory is bounded and the order of entries does not matter. Throws what `readIndex` does.
 */
export async function compareIndexes(pair: IndexPair): Promise<Difference> {
  const { now, before, sources, mostFiles = usualFiles } = pair;
  const largest = Math.max(now.manifest.index.entries, before.manifest.index.entries);
  const every = Math.max(1, Math.ceil(largest / mostFiles));
  const kept = new Map<BytePath, string>();
  const empty = await readFiles(now, every, sources, (path, sha256) => kept.set(path, sha256));
  let files = 0;
  let changed = 0;
  const stillEmpty = await readFiles(before, every, empty, (path, sha256) => {
    files += 1;
    if (kept.get(path) !== sha256) changed += 1;
  });
  return { files, changed, emptied: empty.filter((path) => !stillEmpty.includes(path)) };
}

/** The sources in which an index has nothing but directories. */
export async function emptySources(index: IndexFile, sources: readonly string[]): Promise<string[]> {
  return readFiles(index, null, sources, () => undefined);
}

/**
 * Goes through an index, tells one of `every` files with content (of none for null), and gives the sources that have nothing
 * but directories. Lines that are of no use for either are not parsed.
 */
async function readFiles(
  index: IndexFile,
  every: number | null,
  sources: readonly string[],
  tell: (path: BytePath, sha256: string) => void,
): Promise<string[]> {
  const empty = new Map(sources.map((path) => [fromText(path.slice(1)), path]));
  let chosen = false;
  const lines = readIndex(index, (line) => {
    chosen = every !== null && crc32(pathPart(line)) % every === 0;
    return chosen || (empty.size > 0 && !line.includes('"type":"directory"'));
  });
  for await (const { entry } of lines) {
    const path = entryPath(entry);
    if (entry.type !== "directory") for (const source of empty.keys()) if (isWithin(path, source)) empty.delete(source);
    // What is empty has nothing to lose, and would hide what happened to the rest.
    if (chosen && entry.type === "file" && entry.size > 0) tell(path, entry.sha256 ?? "");
    if (every === null && empty.size === 0) break;
  }
  return [...empty.values()];
}

/** A line up to the end of its path, in which a quotation mark never stands without a backslash. */
function pathPart(line: Buffer): Buffer {
  return line.subarray(0, line.indexOf('","'));
}

function isWithin(path: BytePath, source: BytePath): boolean {
  return source === "" || path === source || path.startsWith(`${source}/`);
}
