import { join } from "node:path";
import type { IndexEntry, Manifest } from "../contract/manifest.ts";
import { Failure } from "../failure/failure.ts";
import { toDisplay } from "./byte-path.ts";
import { openMembers, type Watch } from "./open-members.ts";
import { entryLink, entryPath } from "./read-index.ts";
import type { TarEntry } from "./tar-entry.ts";
import { timeText } from "./tar-headers.ts";
import { TarReader } from "./tar-reader.ts";

export interface ArchiveSource {
  folder: string;
  manifest: Manifest;
  signal?: AbortSignal | undefined;
  /** Never jump: every byte of the file is wanted. */
  sequential?: boolean;
  /** Sees the archive file's bytes. */
  onBytes?: Watch;
}

/** Reading on over this many packed bytes costs less than opening the file anew at a later member. */
const worthSeeking = 2 * 1024 * 1024;

/**
 * Goes through an archive by the lines of its index, forward only: reads on where the next wanted entry is near, and jumps
 * to its member where it is not.
 */
export class ArchiveCursor {
  readonly #source: ArchiveSource;
  #reader: TarReader | null = null;
  /** Ordinal of the entry that `next` would give, and the member in which reading began or last was known to be. */
  #ordinal = 0;
  #member = 0;

  constructor(source: ArchiveSource) {
    this.#source = source;
  }

  /** The archive's entry for a line of the index. Throws `damaged` when archive and index disagree. */
  async at(line: IndexEntry, ordinal: number): Promise<TarEntry> {
    if (this.#isFar(line, ordinal)) await this.#seek(line, ordinal);
    const reader = this.#reader ?? this.#open(0);
    let entry: TarEntry | null = null;
    while (this.#ordinal <= ordinal) {
      entry = await reader.next();
      this.#ordinal += 1;
      if (entry === null) throw new Failure("damaged", `the archive ends before ${line.path}, which its index lists`);
    }
    this.#member = line.member;
    if (entry === null || entry.path !== entryPath(line) || entry.type !== line.type)
      throw new Failure(
        "damaged",
        `archive and index disagree: ${line.path} (${line.type}) in the index is ` +
          `${entry === null ? "nothing" : `${toDisplay(entry.path)} (${entry.type})`} in the archive`,
      );
    const difference = differenceOf(entry, line);
    if (difference !== null)
      throw new Failure("damaged", `archive and index disagree in the ${difference} of ${line.path}`);
    return entry;
  }

  /** The next piece of the data of the entry that `at` gave, or null. */
  async read(): Promise<Buffer | null> {
    return this.#reader === null ? null : await this.#reader.read();
  }

  /** Reads to the very end. Throws `damaged` when there are entries that the index does not list. */
  async finish(): Promise<void> {
    const reader = this.#reader ?? this.#open(0);
    const extra = await reader.next();
    if (extra !== null)
      throw new Failure("damaged", `the archive holds an entry that its index does not list: ${toDisplay(extra.path)}`);
    await reader.drain();
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = null;
  }

  #isFar(line: IndexEntry, ordinal: number): boolean {
    if (this.#source.sequential === true) return false;
    if (this.#reader === null || ordinal < this.#ordinal) return true;
    return ordinal > this.#ordinal && line.member - this.#member > worthSeeking;
  }

  async #seek(line: IndexEntry, ordinal: number): Promise<void> {
    await this.close();
    await this.#open(line.member).skip(line.offset);
    this.#ordinal = ordinal;
  }

  #open(start: number): TarReader {
    const { folder, manifest, signal, onBytes } = this.#source;
    const file = join(folder, manifest.archive.file);
    this.#reader = new TarReader(
      openMembers({
        file,
        type: manifest.archive.compression.type,
        start,
        signal,
        ...(onBytes === undefined ? {} : { onBytes }),
      }),
    );
    return this.#reader;
  }
}

/** Without compression nothing but the index tells of a flipped bit in an entry's header. */
function differenceOf(entry: TarEntry, line: IndexEntry): string | null {
  if (entry.type === "file" && entry.size !== line.size) return "size";
  if (entry.link !== entryLink(line)) return "link target";
  if (entry.uid !== line.uid || entry.gid !== line.gid) return "owner";
  if (entry.mode !== line.mode) return "mode";
  return timeText(entry.mtime) === line.mtime ? null : "time";
}
