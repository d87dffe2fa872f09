import { closeSync, constants, readdirSync, readSync } from "node:fs";
import { errorCode } from "../failure/failure.ts";
import { type BytePath, fromText } from "../format/byte-path.ts";
import { compileExclusions } from "../format/exclusions.ts";
import { openAt } from "../libc/at.ts";
import { FileStatus, statusAt, workingDirectory } from "../libc/file-status.ts";

/** One thing that the walk came to. */
export interface Found {
  /** Absolute host path. */
  path: BytePath;
  /** The path seen from the source; empty for the source itself. */
  relative: BytePath;
  /** The open directory that it lies in, and its name there. */
  at: number;
  name: BytePath;
  /** Holds until the listener returns. */
  status: FileStatus;
}

/** What a walk tells as it goes. */
export interface WalkListener {
  entry(found: Found): void;
  problem(path: BytePath, what: "vanished" | "unreadable", detail: string): void;
  /** What is left out although no pattern says so. */
  skipped(path: BytePath, reason: string): void;
}

export interface WalkOptions {
  /** Absolute host path. */
  source: string;
  /** Exclusion patterns, seen from the source. */
  exclude: readonly string[];
  /** Absolute host paths that are never entered. */
  skip: readonly string[];
}

/** What each pattern left out, in entries and bytes. */
export type Excluded = Map<string, { entries: number; bytes: number }>;

// Names that a restore gives to what it is writing and to what it sets aside: not the module's data.
const restoreLeftover = /^\.(davit-restore|before-restore|undone)-/u;
const cacheTag = "CACHEDIR.TAG";
const cacheSignature = "Signature: 8a477f597d28d172789f06886806bc55"; // https://bford.info/cachedir/
const asDirectory = constants.O_RDONLY | constants.O_DIRECTORY;

/**
 * Tells every path at and below a source, each directory before what it holds, names in byte order. What a pattern
 * excludes is counted in `excluded`; an excluded directory itself stays, so that a service finds it after a restore. Links
 * are never followed, also not those that a container puts in a directory's place meanwhile: each directory is opened by
 * its name in the one above it.
 */
export function walkSource(options: WalkOptions, listener: WalkListener, excluded: Excluded): void {
  const isExcluded = compileExclusions([...options.exclude]);
  const skipped = new Set(options.skip.map(fromText));
  const status = new FileStatus();

  function visit(at: number, name: BytePath, path: BytePath, relative: BytePath): void {
    if (skipped.has(path) || !look(at, name, path)) return;
    const directory = status.isDirectory;
    const pattern = relative === "" ? null : isExcluded(relative, directory);
    if (pattern !== null && !directory) {
      count(excluded, pattern, status);
      return;
    }
    listener.entry({ path, relative, at, name, status });
    if (directory) enter(at, name, path, (fd, names) => visitAll(fd, names, { path, relative, pattern }));
  }

  function visitAll(
    fd: number,
    names: readonly BytePath[],
    { path, relative, pattern }: { path: BytePath; relative: BytePath; pattern: string | null },
  ): void {
    const reason = pattern ?? (names.includes(cacheTag) && isCache(fd) ? cacheTag : null);
    for (const name of names) {
      const child = join(path, name);
      if (restoreLeftover.test(name)) listener.skipped(child, "left over from a restore");
      else if (reason === null || (reason === cacheTag && name === cacheTag)) {
        visit(fd, name, child, relative === "" ? name : `${relative}/${name}`);
      } else countTree(fd, name, child, reason);
    }
  }

  function countTree(at: number, name: BytePath, path: BytePath, pattern: string): void {
    try {
      statusAt(at, name, status);
    } catch {
      return; // gone meanwhile: nothing is left out
    }
    count(excluded, pattern, status);
    if (status.isDirectory)
      enter(at, name, path, (fd, names) => {
        for (const one of names) countTree(fd, one, join(path, one), pattern);
      });
  }

  function look(at: number, name: BytePath, path: BytePath): boolean {
    try {
      statusAt(at, name, status);
      return true;
    } catch (error) {
      tellProblem(path, error);
      return false;
    }
  }

  function enter(
    at: number,
    name: BytePath,
    path: BytePath,
    visitor: (fd: number, names: readonly BytePath[]) => void,
  ): void {
    let fd: number;
    let names: BytePath[];
    try {
      fd = openAt(at, name, asDirectory);
    } catch (error) {
      tellProblem(path, error);
      return;
    }
    try {
      try {
        names = readdirSync(`/proc/self/fd/${fd}`, { encoding: "latin1" }).toSorted();
      } catch (error) {
        tellProblem(path, error);
        return;
      }
      visitor(fd, names);
    } finally {
      closeSync(fd);
    }
  }

  function tellProblem(path: BytePath, error: unknown): void {
    const code = errorCode(error);
    if (code === undefined) throw error;
    // One that is no directory any more, or a link now, has given way to something else.
    const gone = code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";
    listener.problem(path, gone ? "vanished" : "unreadable", code);
  }

  const source = fromText(options.source);
  visit(workingDirectory, source, source, "");
}

function join(directory: BytePath, name: BytePath): BytePath {
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

function count(excluded: Excluded, pattern: string, status: FileStatus): void {
  const total = excluded.get(pattern) ?? { entries: 0, bytes: 0 };
  total.entries += 1;
  if (status.isFile) total.bytes += status.size;
  excluded.set(pattern, total);
}

function isCache(directory: number): boolean {
  try {
    // Not blocking, since it may be a FIFO of that name.
    const fd = openAt(directory, cacheTag, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const start = Buffer.alloc(cacheSignature.length);
      readSync(fd, start, 0, start.length, 0);
      return start.toString("latin1") === cacheSignature;
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}
