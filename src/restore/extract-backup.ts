import { closeSync, constants } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import type { Manifest } from "../contract/manifest.ts";
import type { Progress } from "../contract/run-event.ts";
import { asFailure, errorCode, Failure } from "../failure/failure.ts";
import { ArchiveCursor } from "../format/archive-cursor.ts";
import { type BytePath, fromText, toDisplay } from "../format/byte-path.ts";
import { entryLink, entryPath, readIndex } from "../format/read-index.ts";
import type { TarEntry } from "../format/tar-entry.ts";
import { openAt } from "../libc/at.ts";
import { listXattrs } from "../libc/xattr.ts";
import { applyMetadata } from "./apply-metadata.ts";
import { Notes, type RestoreNote } from "./notes.ts";
import { RestoreTree, type TreeRoot } from "./restore-tree.ts";
import { type Selection, selectAll, selectEntries } from "./select-entries.ts";
import { writeEntry } from "./write-entry.ts";

export interface ExtractOrder {
  /** The sealed backup, and its manifest. */
  folder: string;
  manifest: Manifest;
  /** The directory that stands for `/`; made when it isn't there. Or several, each for a part of the archive. */
  target: string | readonly TreeRoot[];
  /** Files and folders to restore, without leading slash; all when not given. */
  select?: readonly BytePath[];
  /** What happens to files that are there already; `refuse` when not given. */
  existing?: "refuse" | "replace";
  signal?: AbortSignal;
  onProgress?: (now: Progress) => void;
}

export interface ExtractResult {
  entries: number;
  /** Bytes of file content. */
  bytes: number;
  /** Owners and attributes that this system can't hold; at most 1000 are listed. */
  notes: RestoreNote[];
  notesTotal: number;
}

const defaultAcl = "system.posix_acl_default";
const progressEvery = 100;

/**
 * Restores a backup, or part of it, below a directory: contents (each compared with its SHA-256), owners, modes, times,
 * links, attributes, holes. Throws `damaged` for an archive that does not hold what was backed up, `unsafe` for one that
 * tries to reach out of the target; nothing outside is ever touched. What was written until then stays.
 */
export async function extractBackup(order: ExtractOrder): Promise<ExtractResult> {
  try {
    return await extract(order);
  } catch (thrown) {
    throw asFailure(thrown);
  }
}

async function extract(order: ExtractOrder): Promise<ExtractResult> {
  const { folder, manifest, signal } = order;
  const selection = order.select === undefined ? selectAll(manifest) : await selectEntries(order, order.select);
  const roots = typeof order.target === "string" ? [{ prefix: "", directory: order.target }] : order.target;
  const startedEmpty = await areEmpty(roots);
  const tree = new RestoreTree(roots);
  const cursor = new ArchiveCursor({ folder, manifest, signal });
  const notes = new Notes();
  const directories: TarEntry[] = [];
  const done = { entries: 0, bytes: 0 };
  const tell = reporter(order, selection, done);
  const context = {
    tree,
    notes,
    existing: order.existing ?? "refuse",
    startedEmpty,
    inheritsAcl: !startedEmpty || roots.some(({ directory }) => listXattrs(fromText(directory)).includes(defaultAcl)),
    read: () => cursor.read(),
    wrote(bytes: number): void {
      signal?.throwIfAborted();
      done.bytes += bytes;
      tell();
    },
  };
  try {
    for await (const { entry: line, ordinal } of readIndex({ folder, manifest, signal }, selection.mayWant)) {
      const path = destination(selection, entryPath(line), entryLink(line));
      if (path === null) continue;
      const found = await cursor.at(line, ordinal);
      const entry = { ...found, path, link: selection.stands.get(found.link) ?? found.link };
      signal?.throwIfAborted();
      await writeEntry(context, entry, line.sha256);
      if (entry.type === "directory") directories.push(entry);
      done.entries += 1;
      tell();
    }
    if (order.select === undefined) await cursor.finish();
    finishDirectories(tree, directories, notes);
  } finally {
    await cursor.close();
    tree.close();
  }
  return { ...done, notes: notes.listed, notesTotal: notes.total };
}

/** Where a line's entry goes: its own path, that of the selected hard link it stands in for, or nowhere. */
function destination(selection: Selection, path: BytePath, link: BytePath): BytePath | null {
  if (selection.stands.get(link) === path) return null;
  return selection.wants(path) ? path : (selection.stands.get(path) ?? null);
}

/** After all else, since a directory's times change with what is made in it; and the deepest first, since a mode may bar the way. */
function finishDirectories(tree: RestoreTree, directories: TarEntry[], notes: Notes): void {
  for (const entry of directories.toSorted((one, other) => other.path.length - one.path.length)) {
    const { at, name } = tree.place(entry.path);
    const fd = openMade(at, name, entry.path);
    try {
      applyMetadata(fd, entry, notes);
    } finally {
      closeSync(fd);
    }
  }
}

function openMade(at: number, name: BytePath, path: BytePath): number {
  try {
    return openAt(at, name, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (thrown) {
    if (errorCode(thrown) !== "ENOTDIR" && errorCode(thrown) !== "ELOOP") throw thrown;
    throw new Failure("unsafe", `a link or file took the place of a restored directory: ${toDisplay(path)}`, {
      hint: "restore to an empty folder that nobody else writes to",
      cause: thrown,
    });
  }
}

async function areEmpty(roots: readonly TreeRoot[]): Promise<boolean> {
  let empty = true;
  for (const { directory } of roots) {
    await mkdir(directory, { recursive: true });
    if ((await readdir(directory)).length > 0) empty = false;
  }
  return empty;
}

function reporter(order: ExtractOrder, selection: Selection, done: { entries: number; bytes: number }): () => void {
  let told = Date.now();
  return () => {
    if (order.onProgress === undefined || Date.now() - told < progressEvery) return;
    told = Date.now();
    order.onProgress({ ...done, totalEntries: selection.entries, totalBytes: selection.bytes });
  };
}
