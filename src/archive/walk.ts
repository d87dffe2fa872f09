import { type BigIntStats, closeSync, constants, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { errorCode } from "../failure/failure.ts";
import { type BytePath, fromText, fsPath } from "../format/byte-path.ts";
import { compileExclusions } from "../format/exclusions.ts";

/** What a walk tells as it goes. */
export interface WalkListener {
  entry(path: BytePath, stats: BigIntStats): void;
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

/**
 * Tells every path at and below a source, each directory before what it holds, names in byte order. What a pattern
 * excludes is counted in `excluded`; an excluded directory itself stays, so that a service finds it after a restore. Links
 * are never followed. Paths are absolute.
 */
export function walkSource(options: WalkOptions, listener: WalkListener, excluded: Excluded): void {
  const isExcluded = compileExclusions([...options.exclude]);
  const skipped = new Set(options.skip.map(fromText));

  function visit(path: BytePath, relative: BytePath): void {
    if (skipped.has(path)) return;
    let stats: BigIntStats;
    try {
      stats = lstatSync(fsPath(path), { bigint: true });
    } catch (error) {
      tellProblem(path, error);
      return;
    }
    const directory = stats.isDirectory();
    const pattern = relative === "" ? null : isExcluded(relative, directory);
    if (pattern !== null && !directory) {
      count(excluded, pattern, stats);
      return;
    }
    listener.entry(path, stats);
    if (!directory) return;
    const names = list(path);
    const reason = pattern ?? (names.includes(cacheTag) && isCache(path) ? cacheTag : null);
    for (const name of names) {
      const child = join(path, name);
      if (restoreLeftover.test(name)) listener.skipped(child, "left over from a restore");
      else if (reason === null || (reason === cacheTag && name === cacheTag)) {
        visit(child, relative === "" ? name : `${relative}/${name}`);
      } else countTree(child, reason);
    }
  }

  function countTree(path: BytePath, pattern: string): void {
    let stats: BigIntStats;
    try {
      stats = lstatSync(fsPath(path), { bigint: true });
    } catch {
      return; // gone meanwhile: nothing is left out
    }
    count(excluded, pattern, stats);
    if (stats.isDirectory()) for (const name of list(path)) countTree(join(path, name), pattern);
  }

  function list(directory: BytePath): BytePath[] {
    try {
      return readdirSync(fsPath(directory), { encoding: "latin1" }).toSorted();
    } catch (error) {
      tellProblem(directory, error);
      return [];
    }
  }

  function tellProblem(path: BytePath, error: unknown): void {
    const code = errorCode(error) ?? String(error);
    listener.problem(path, code === "ENOENT" || code === "ENOTDIR" ? "vanished" : "unreadable", code);
  }

  visit(fromText(options.source), "");
}

function join(directory: BytePath, name: BytePath): BytePath {
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

function count(excluded: Excluded, pattern: string, stats: BigIntStats): void {
  const total = excluded.get(pattern) ?? { entries: 0, bytes: 0 };
  total.entries += 1;
  if (stats.isFile()) total.bytes += Number(stats.size);
  excluded.set(pattern, total);
}

function isCache(directory: BytePath): boolean {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW; // a FIFO of that name must not block
  try {
    const fd = openSync(fsPath(join(directory, cacheTag)), flags);
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
