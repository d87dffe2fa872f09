import type { Manifest } from "./manifest.ts";

/** What one pass over the sources read. */
export interface PassResult {
  /** Entries that were read, and bytes of their content, in this pass. */
  entries: number;
  bytes: number;
  /** How long it took. */
  ms: number;
}

/**
 * How a pass is made: `live` while services run; `catch-up` while they are held: then nothing is compressed, so that it ends
 * as soon as the bytes are read; `snapshot` while they are held as well: files that have changed are cloned, where the file
 * system can do that, and read after it has ended.
 */
export type PassKind = "live" | "catch-up" | "snapshot";

/** The archive's part of the manifest, and what was left out of it. */
export type ArchiveResult = Pick<Manifest, "archive" | "index" | "counts" | "excluded" | "changed" | "changedTotal"> & {
  /** Sockets and devices, which have no content to keep, and what a restore left beside the data. */
  skipped: { path: string; reason: string }[];
};

/** A database's dump, as it comes out of a container. */
export interface DumpStream {
  /** Path in the archive below `davit-dumps/`: plain names joined by `/`. */
  name: string;
  /** Its bytes, of which nobody knows how many there will be. What it throws fails the archive. */
  content: AsyncIterable<Uint8Array>;
}

/** An archive that is being written, in passes. Calls do not overlap. */
export interface ArchiveSession {
  /**
   * Reads everything below the sources; from the second call on what has changed since it was last read. Of a `snapshot`,
   * `notCloned` tells how many files had to be read at once.
   */
  pass(kind: PassKind): Promise<PassResult & { notCloned: number }>;
  /** Puts a dump into the archive, as a file of its own. Gives its size in bytes. */
  addDump(dump: DumpStream): Promise<number>;
  /** Leaves out what was read again or is gone, so that archive and index hold each path once, as the last pass found it. */
  finish(): Promise<ArchiveResult>;
  /** Ends what goes on, and closes what is open; for every session, also after `finish`. */
  close(): Promise<void>;
}
