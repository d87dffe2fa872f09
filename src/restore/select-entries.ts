import type { IndexEntry, Manifest } from "../contract/manifest.ts";
import { Failure } from "../failure/failure.ts";
import { type BytePath, toDisplay } from "../format/byte-path.ts";
import { entryLink, entryPath, readIndex } from "../format/read-index.ts";

/** Which lines of an index are restored, and what they come to. */
export interface Selection {
  entries: number;
  bytes: number;
  /** Quick look at an unparsed line: false when it surely is not wanted. */
  mayWant(line: Buffer): boolean;
  wants(path: BytePath): boolean;
  /** First names that are not selected, of files of which another name is: that name takes the content. */
  stands: Map<BytePath, BytePath>;
}

/** All of a backup. */
export function selectAll(manifest: Manifest): Selection {
  return {
    entries: manifest.index.entries,
    bytes: manifest.counts.bytesIn,
    mayWant: () => true,
    wants: () => true,
    stands: new Map<BytePath, BytePath>(),
  };
}

/** The files and folders named, each with all below it; paths have no leading slash. Throws `missing` for one that isn't there. */
export async function selectEntries(
  source: { folder: string; manifest: Manifest; signal?: AbortSignal | undefined },
  roots: readonly BytePath[],
): Promise<Selection> {
  const unseen = new Set(roots);
  const selection: Selection = { ...selectAll(source.manifest), entries: 0, bytes: 0 };
  selection.wants = (path) => roots.some((root) => isWithin(path, root));
  const needles = roots.map((root) => Buffer.from(`"path":${JSON.stringify(toDisplay(root)).slice(0, -1)}`));
  selection.mayWant = (line) => needles.some((needle) => line.includes(needle));
  const links: IndexEntry[] = [];
  for await (const { entry } of readIndex(source, selection.mayWant)) {
    const path = entryPath(entry);
    if (!selection.wants(path)) continue;
    for (const root of unseen) if (isWithin(path, root)) unseen.delete(root);
    selection.entries += 1;
    selection.bytes += entry.type === "file" ? entry.size : 0;
    if (entry.type === "hardlink" && !selection.wants(entryLink(entry))) links.push(entry);
  }
  for (const root of unseen)
    throw new Failure("missing", `the backup holds nothing at ${toDisplay(root)}`, {
      hint: `davit files ${source.manifest.module}/${source.manifest.time} lists what it holds`,
    });
  for (const link of links)
    if (!selection.stands.has(entryLink(link))) selection.stands.set(entryLink(link), entryPath(link));
  const firsts = links.map((link) => Buffer.from(`"path":${JSON.stringify(toDisplay(entryLink(link)))}`));
  if (firsts.length > 0) selection.mayWant = (line) => [...needles, ...firsts].some((needle) => line.includes(needle));
  return selection;
}

/**
 * Bytes that a restore of these paths (all when there are none) writes: `bytes` of content, of which `least` in any case, since
 * holes take no room; `least` is a lower bound.
 */
export async function selectBytes(
  source: { folder: string; manifest: Manifest; signal?: AbortSignal | undefined },
  paths: readonly BytePath[],
): Promise<{ bytes: number; least: number }> {
  const { counts, archive } = source.manifest;
  // What does not compress is stored, so a tree never takes less room than its archive, but for holes and what compresses.
  if (paths.length === 0) return { bytes: counts.bytesIn, least: Math.min(counts.bytesIn, archive.bytes) };
  const { bytes } = await selectEntries(source, paths);
  return { bytes, least: 0 };
}

function isWithin(path: BytePath, root: BytePath): boolean {
  return root === "" || path === root || path.startsWith(`${root}/`);
}
