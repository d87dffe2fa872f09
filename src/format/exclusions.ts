import { type BytePath, fromText } from "./byte-path.ts";

/**
 * What is left out unless a module says otherwise: the contents of directories for temporary things, and temporary files.
 * The directories themselves stay, so that a service still starts after a restore.
 */
export const defaultExclusions: readonly string[] = [
  "**/cache/**",
  "**/.cache/**",
  "**/tmp/**",
  "**/temp/**",
  "**/logs/**",
  "*.log",
  "*.log.*",
  "*.tmp",
  "*.swp",
];

/** Gives the pattern that leaves a path out, or null where it stays. The path is relative to its source, no slash at either end. */
export type ExclusionMatcher = (path: BytePath, isDirectory: boolean) => string | null;

interface Rule {
  pattern: string;
  takesBack: boolean;
  /** Source of the expression that finds the pattern in a path. */
  path: string;
  expression: RegExp;
  filesOnly: boolean;
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
  const rules = patterns.map(compileRule).toReversed();
  const excluding = rules.filter((rule) => !rule.takesBack);
  if (excluding.length === 0) return () => null;
  const any = new RegExp(excluding.map((rule) => rule.path).join("|"), "s");

  return (path, isDirectory) => {
    if (path === "") return null;
    // With its slash, a directory is found by the patterns for directories only, and none for contents.
    const subject = isDirectory ? `${path}/` : path;
    if (!any.test(subject)) return null;
    for (const rule of rules)
      if (!(isDirectory && rule.filesOnly) && rule.expression.test(subject))
        return rule.takesBack ? null : rule.pattern;
    return null;
  };
}

function compileRule(pattern: string): Rule {
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
  const start = anyStart ? "" : floating ? "(?:^|/)" : "^";
  const end = contentsOnly ? "/." : directoriesOnly ? "/" : filesOnly ? "$" : "(?:/|$)";
  const path = start + glob(anyStart ? body.slice(1) : body) + end;
  return { pattern, takesBack, path, expression: new RegExp(path, "s"), filesOnly };
}

/** One letter: a byte below 128 that is no slash, or a lead byte of UTF-8 with what follows it. */
const oneLetter = String.raw`(?:[\x00-\x2e\x30-\xbf]|[\xc0-\xff][\x80-\xbf]*)`;

const token =
  /\\(?<escaped>.)|(?<folders>(?<=^|\/)\*\*\/)|(?<any>\*+)|(?<letter>\?)|\[(?<not>[!^]?)(?<set>\]?[^\]]*)\]|(?<other>.)/gsu;

/** The expression for one glob, without anchors. Names are bytes, so the pattern is put into bytes first. */
function glob(body: string): string {
  const text = fromText(body);
  const braced = isBalanced(text);
  let depth = 0;
  return text.replace(token, (whole, ...rest) => {
    const { escaped, folders, any, letter, not, set, other }: Record<string, string | undefined> = rest.at(-1);
    if (escaped !== undefined) return literal(escaped);
    if (folders !== undefined) return "(?:[^/]+/)*";
    if (any !== undefined) return any.length > 1 ? ".*" : "[^/]*";
    if (letter !== undefined) return oneLetter;
    if (set !== undefined) return `(?!/)[${not ? "^" : ""}${set.replace(/[\\\]^]/gu, String.raw`\$&`)}]`;
    if (braced && other === "{") return (depth++, "(?:");
    if (braced && other === "}") return (depth--, ")");
    if (depth > 0 && other === ",") return "|";
    return literal(whole);
  });
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const [sign] of text.replace(/\\./gsu, "").matchAll(/[{}]/gu)) {
    depth += sign === "{" ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

function literal(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`);
}
