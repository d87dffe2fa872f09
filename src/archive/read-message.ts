import type { PassKind } from "../contract/archive-session.ts";
import type { ComparerMemory } from "./compare-blocks.ts";
import type { BytePath } from "../format/byte-path.ts";

/** An earlier pass: its catalog, and when it began, in whole seconds and nanoseconds since 1970. */
export interface EarlierPass {
  catalog: string;
  /** The first block of the content of each big file, by the number of its entry in the pass. */
  bigs: ReadonlyMap<number, number>;
  began: { seconds: number; nanoseconds: number };
}

/** What the reading thread is started with. */
export interface ReadOrder {
  sources: readonly string[];
  exclude: readonly string[];
  /** Absolute host paths that are never read, the vault itself above all. */
  skip: readonly string[];
  /** Whether another pass follows a live one. */
  repeats: boolean;
  /** First pass first. What they have and has not changed since is not read again. */
  earlier: readonly EarlierPass[];
  /** The hashes of the blocks of big files' content, and the threads that compare. */
  hashes: Uint8Array<SharedArrayBuffer>;
  comparers: ComparerMemory;
  /** Where this pass writes its catalog. */
  catalog: string;
  /** `[bytes in flight, cancelled, number of the kind]`, which the two threads share; the thread waits for the latter. */
  brake: Int32Array<SharedArrayBuffer>;
}

/** The kinds of passes by their numbers; 0 is none yet. */
export const passKinds: readonly (PassKind | null)[] = [null, "live", "catch-up", "snapshot"];

/** One thing that goes into the archive, as the reading thread saw it. */
export interface ReadEntry {
  /** Host path without the leading slash. */
  path: BytePath;
  type: "file" | "directory" | "symlink" | "hardlink" | "fifo";
  /** Size of the content, holes included; 0 for all but files. */
  size: number;
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since 1970 with nine decimals. */
  mtime: string;
  link?: BytePath;
  attributes?: readonly (readonly [name: string, value: Uint8Array])[];
  /** `[offset, length]` of each region that is not a hole; absent for a file without holes. */
  regions?: readonly (readonly [offset: number, length: number])[];
  /** Of a file's content; absent until that was read, and of big files of which most was read in an earlier pass. */
  sha256?: string;
}

/** A small file's content is `slab[at, at + length)`; `length` is absent where the content follows in chunks. */
export interface BatchEntry {
  entry: ReadEntry;
  at: number;
  length?: number;
}

export type ChangeKind = "grew" | "shrank" | "changed" | "vanished" | "unreadable";

/** What was cloned: entries, bytes of their content, and files for which that could not be. */
export interface Cloned {
  entries: number;
  bytes: number;
  notCloned: number;
}

export type ReadMessage =
  /** It has loaded what it needs and waits to be told what kind of pass it is. */
  | { type: "ready" }
  /** Entries whose contents lie in one slab. Where the last one has no `length`, its chunks follow, then `file-end`. */
  | { type: "batch"; slab: Uint8Array<ArrayBuffer>; entries: BatchEntry[] }
  | { type: "chunk"; bytes: Uint8Array<ArrayBuffer> }
  /** Content of which so many blocks are the same as earlier ones, from `block` on. */
  | { type: "same"; block: number; count: number }
  /** Content of one block that is like an earlier one, but for the pieces in the mask, whose bytes these are. */
  | { type: "patch"; block: number; mask: number; bytes: Uint8Array<ArrayBuffer> }
  | { type: "file-end" }
  | { type: "changed"; path: BytePath; what: ChangeKind; detail?: string }
  /** All that has changed was cloned, or read where that could not be. */
  | ({ type: "cloned" } & Cloned)
  | { type: "skipped"; path: BytePath; reason: string }
  | {
      type: "done";
      excluded: { pattern: string; entries: number; bytes: number }[];
      began: EarlierPass["began"];
      /** Records in the catalog. */
      records: number;
    };

/** Bytes that may be on their way between the threads before the reader waits. */
export const inFlightLimit = 16 * 1024 * 1024;
/** Files up to this size travel whole in a slab. */
export const smallFileLimit = 512 * 1024;
export const slabSize = 1024 * 1024;
