import { addGlob } from "./add-glob.ts";
import { ByteAutomaton, bytesThat } from "./byte-automaton.ts";
import type { BytePath } from "./byte-path.ts";
import { anything, globTokens, slash } from "./glob-tokens.ts";

/**
 * What is left out unless a module says otherwise: the contents of directories for temporary things, and temporary files.
 * The directories themselves stay, so that a service still starts after a restore.
 */
export const defaultExclusions: readonly string[] = [
  "*.log",
  "*.log.*",
  "*.tmp",
  "*.swp",
  // Not logs, but what databases recover from: RocksDB, LevelDB and Kafka (000042.log), MariaDB.
  "![0-9]*.log",
  "!ddl_recovery.log",
  "!tc.log",
  "**/cache/**",
  "**/.cache/**",
  "**/tmp/**",
  "**/temp/**",
  "**/logs/**",
];

/** Gives the pattern that leaves a path out, or null where it stays. The path is relative to its source, no slash at either end. */
export type ExclusionMatcher = (path: BytePath, isDirectory: boolean) => string | null;

interface Rule {
  pattern: string;
  takesBack: boolean;
  /** What is looked for, and where. */
  body: string;
  begins: "at the start" | "with a name" | "anywhere";
  ends: "with its contents" | "with a folder" | "with a file" | "with a name";
}

/**
 * Compiles glob patterns (`*`, `**`, `?`, `[a-z]`, `{a,b}`), the last that matches decides:
 * - `name` matches an entry of that name at any depth, and all that is below it; `a/b` and `/name` start at the source
 * - `name/` matches directories only, and all that is below them
 * - `name/**` matches what is below the directory, which itself stays
 * - `*.log` (anything that begins with `*.`) speaks of files: a directory of such a name stays
 * - `!pattern` takes back what an earlier one left out; what lies in a directory that is itself left out can't come back
 *
 * Throws a SyntaxError for a pattern with an impossible set, like `[z-a]`.
 */
export function compileExclusions(patterns: readonly string[]): ExclusionMatcher {
  const rules = patterns.map(readRule);
  if (rules.every((rule) => rule.takesBack)) return () => null;
  const automaton = new ByteAutomaton((found) => {
    const matching = rules.filter((_, at) => found.has(at));
    return {
      file: decide(matching),
      directory: decide(matching.filter((rule) => rule.ends !== "with a file")),
    };
  });
  for (const [at, rule] of rules.entries()) addRule(automaton, at, rule);
  return (path, isDirectory) => {
    if (path === "") return null;
    // With its slash, a directory is found by the patterns for directories only, and none for contents.
    return isDirectory ? automaton.search(`${path}/`).directory : automaton.search(path).file;
  };
}

interface Verdict {
  file: string | null;
  directory: string | null;
}

function decide(matching: readonly Rule[]): string | null {
  const last = matching.at(-1);
  return last === undefined || last.takesBack ? null : last.pattern;
}

function readRule(pattern: string): Rule {
  const takesBack = pattern.startsWith("!");
  let body = takesBack ? pattern.slice(1) : pattern;
  const contentsOnly = body.endsWith("/**");
  if (contentsOnly) body = body.slice(0, -3);
  const directoriesOnly = !contentsOnly && body.endsWith("/");
  if (directoriesOnly) body = body.slice(0, -1);
  const floating = /^(?:\*\*\/)?[^/]+$/u.test(body);
  body = floating ? body.replace(/^\*\*\//u, "") : body.replace(/^\.?\//u, "");
  const filesOnly = floating && !contentsOnly && !directoriesOnly && body.startsWith("*.");

  // `*` at the start of a name is any start of it, so there is nothing to look for.
  const anyStart = floating && /^\*(?!\*)/u.test(body);
  return {
    pattern,
    takesBack,
    body: anyStart ? body.slice(1) : body,
    begins: anyStart ? "anywhere" : floating ? "with a name" : "at the start",
    ends: contentsOnly
      ? "with its contents"
      : directoriesOnly
        ? "with a folder"
        : filesOnly
          ? "with a file"
          : "with a name",
  };
}

const slashes = bytesThat((byte) => byte === slash);

/** Puts a rule into the automaton, as its pattern of that number. */
function addRule(automaton: ByteAutomaton<Verdict>, owner: number, { body, begins, ends }: Rule): void {
  const first = automaton.state(owner);
  automaton.start(first);
  if (begins !== "at the start") {
    const search = automaton.state(owner);
    automaton.start(search);
    automaton.step(search, anything, search);
    automaton.step(search, begins === "anywhere" ? anything : slashes, first);
  }
  const last = addGlob(automaton, owner, first, globTokens(body));
  const found = automaton.state(owner);
  automaton.found(found);
  if (ends === "with a file" || ends === "with a name") automaton.foundAtEnd(last);
  if (ends === "with a folder" || ends === "with a name") automaton.step(last, slashes, found);
  if (ends === "with its contents") {
    const below = automaton.state(owner);
    automaton.step(last, slashes, below);
    automaton.step(below, anything, found);
  }
}
