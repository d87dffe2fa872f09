import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { IndexEntry } from "../contract/manifest.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { ArchiveCursor, type ArchiveSource } from "./archive-cursor.ts";
import { type BytePath, toDisplay } from "./byte-path.ts";
import { contentPieces } from "./content-pieces.ts";
import { findEntry, type FoundEntry } from "./find-entry.ts";
import { entryLink } from "./read-index.ts";

/** Gives the entry at a path, or throws a `missing` Failure. */
export type FindEntry = (path: BytePath) => Promise<FoundEntry>;

/**
 * One file of a backup; only its part of the archive is opened. For a hard link it is the file that it names, under the
 * path that was asked for. Throws `missing` for a path that isn't there and `usage` for what has no content; `content` ends
 * with a `damaged` error where it is not what was backed up. `find` is for those who have the index at hand.
 */
export async function readEntry(
  source: ArchiveSource,
  path: BytePath,
  find: FindEntry = (wanted) => findEntry(source, wanted),
): Promise<{ entry: IndexEntry; content: Readable }> {
  const asked = await find(path);
  const file = asked.entry.type === "hardlink" ? await firstName(find, asked.entry) : asked;
  if (file.entry.type !== "file") throw noContent(file.entry, path);
  const { path64: _, ...described } = file.entry;
  const { path64 } = asked.entry;
  return {
    entry: { ...described, path: asked.entry.path, ...(path64 === undefined ? {} : { path64 }) },
    content: Readable.from(checkedContent(source, file), { objectMode: false }),
  };
}

async function firstName(find: FindEntry, link: IndexEntry): Promise<FoundEntry> {
  try {
    const found = await find(entryLink(link));
    if (found.entry.type === "file") return found;
  } catch (thrown) {
    if (asFailure(thrown).kind !== "missing") throw thrown;
  }
  throw new Failure("damaged", `/${link.path} is a hard link to /${link.link}, which is no file of the backup`);
}

function noContent(entry: IndexEntry, path: BytePath): Failure {
  const shown = `/${toDisplay(path)}`;
  if (entry.type === "directory")
    return new Failure("usage", `${shown} is a directory`, {
      hint: "`davit files` lists what is below it, `davit restore` gives it back",
    });
  if (entry.type === "symlink")
    return new Failure("usage", `${shown} is a symbolic link`, { hint: `it points at ${entry.link}` });
  return new Failure("usage", `${shown} is a FIFO, which has no content`);
}

async function* checkedContent(
  source: ArchiveSource,
  { entry: line, ordinal }: FoundEntry,
): AsyncGenerator<Buffer, void, undefined> {
  const cursor = new ArchiveCursor(source);
  const hash = createHash("sha256");
  try {
    const entry = await cursor.at(line, ordinal);
    for await (const { bytes } of contentPieces(entry, () => cursor.read())) {
      hash.update(bytes);
      yield bytes;
    }
  } catch (thrown) {
    throw asFailure(thrown);
  } finally {
    await cursor.close();
  }
  if (hash.digest("hex") !== line.sha256)
    throw new Failure("damaged", `the content of /${line.path} is not what was backed up`, {
      hint: "take it from another backup; the disk that holds this one may be failing",
    });
}
