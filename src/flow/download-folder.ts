import { createHash } from "node:crypto";
import { Failure } from "../failure/failure.ts";
import { ArchiveCursor, type ArchiveSource } from "../format/archive-cursor.ts";
import { type BytePath, toDisplay } from "../format/byte-path.ts";
import { contentPieces } from "../format/content-pieces.ts";
import type { FoundEntry } from "../format/find-entry.ts";
import { findEntries } from "../format/list-entries.ts";
import { missingEntry } from "../format/missing-entry.ts";
import { type FindEntry, readEntry } from "../format/read-entry.ts";
import { entryPath } from "../format/read-index.ts";
import type { TarEntry } from "../format/tar-entry.ts";
import { endOfTar, paddingAfter, tarHeaders } from "../format/tar-headers.ts";
import { entryFinder } from "./browse.ts";
import type { Davit } from "./davit.ts";
import { openBackup } from "./open-backup.ts";

/** A folder of a backup as a tar archive. */
export interface FolderDownload {
  /** What the folder is called; the backup's module and time for all of it. */
  name: string;
  /** The archive, not compressed. What it throws is a Failure, also at the very end of a file that is damaged. */
  tar: AsyncIterable<Buffer>;
}

/**
 * Opens a folder of a backup, or all of it for "", for a download. Names in the archive begin with the folder's own; every
 * content is compared with its checksum; a hard link to a file outside of the folder becomes that file, holes become zeros.
 * Throws `missing` where there is nothing, `usage` where there is no folder.
 */
export async function downloadFolder(
  davit: Davit,
  id: string,
  path: BytePath,
  signal: AbortSignal,
): Promise<FolderDownload> {
  const backup = await openBackup(davit, id);
  const source = { ...backup, signal };
  const lines = findEntries(source, path);
  const first = await lines.next();
  if (first.done === true) throw await missingEntry(source, path);
  const { entry } = first.value;
  if (entryPath(entry) === path && entry.type !== "directory") {
    await lines.return();
    throw new Failure("usage", `/${toDisplay(path)} is no folder`, { hint: "download the file itself" });
  }
  const name = path === "" ? backup.id.replace("/", "-") : toDisplay(path.split("/").at(-1) ?? "");
  return { name, tar: tarOf(joined(first.value, lines), { source, path, find: entryFinder(davit, backup, signal) }) };
}

async function* joined(first: FoundEntry, rest: AsyncIterable<FoundEntry>): AsyncGenerator<FoundEntry> {
  yield first;
  yield* rest;
}

interface Wanted {
  source: ArchiveSource;
  path: BytePath;
  find: FindEntry;
}

async function* tarOf(lines: AsyncIterable<FoundEntry>, { source, path, find }: Wanted): AsyncGenerator<Buffer> {
  const above = path.lastIndexOf("/") + 1;
  const isInside = (one: BytePath): boolean => path === "" || one.startsWith(`${path}/`);
  /** Where the files outside, of which there is a hard link inside, stand in the archive. */
  const stands = new Map<BytePath, BytePath>();
  const cursor = new ArchiveCursor(source);
  try {
    for await (const { entry: line, ordinal } of lines) {
      const found = await cursor.at(line, ordinal);
      const entry = { ...found, path: found.path.slice(above) };
      if (entry.type !== "hardlink") {
        yield tarHeaders(entry);
        if (entry.type === "file")
          yield* checked(
            entry,
            line.sha256,
            contentOf(entry, () => cursor.read()),
          );
      } else if (isInside(entry.link)) yield tarHeaders({ ...entry, link: entry.link.slice(above) });
      else if (stands.has(entry.link)) yield tarHeaders({ ...entry, link: stands.get(entry.link) ?? "" });
      else {
        stands.set(entry.link, entry.path);
        const { entry: named, content } = await readEntry(source, found.path, find);
        const file: TarEntry = { ...entry, type: "file", link: "", size: named.size };
        yield tarHeaders(file);
        yield* checked(file, named.sha256, content);
      }
    }
    yield endOfTar;
  } finally {
    await cursor.close();
  }
}

async function* contentOf(entry: TarEntry, read: () => Promise<Buffer | null>): AsyncGenerator<Buffer> {
  for await (const { bytes } of contentPieces(entry, read)) yield bytes;
}

/** A file's content with its padding; throws where it is not what the index says. */
async function* checked(
  { path, size }: TarEntry,
  sha256: string | undefined,
  content: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const bytes of content) {
    hash.update(bytes);
    length += bytes.length;
    yield bytes;
  }
  if (length !== size || hash.digest("hex") !== sha256)
    throw new Failure("damaged", `the content of ${toDisplay(path)} is not what was backed up`, {
      hint: "take it from another backup; the disk that holds this one may be failing",
    });
  if (paddingAfter(size) > 0) yield Buffer.alloc(paddingAfter(size));
}
