import picomatch from "picomatch";
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
  directoriesOnly: boolean;
}

/**
 * Compiles glob patterns (`*`, `**`, `?`, `[a-z]`, `{a,b}`), the last that matches decides:
 * - `name` matches an entry of that name at any depth, and all that is below it; `a/b` and `/name` start at the source
 * - `name/` matches directories only, and all that is below them
 * - `name/**` matches what is below the directory, which itself stays
 * - `*.log` (anything that begins with `*.`) speaks of files: a directory of such a name stays
 * - `!pattern` takes back what an earlier one left out; what lies in a directory that is itself left out can't come back
 */
export function compileExclusions(patterns: readonly string[]): ExclusionMatcher {
  const rules = patterns.map(compileRule).toReversed();
  const excluding = rules.filter((rule) => !rule.takesBack);
  if (excluding.length === 0) return () => null;
  const any = new RegExp(excluding.map((rule) => rule.path).join("|"), "s");

  return (path, isDirectory) => {
    if (!any.test(path)) return null;
    for (const rule of rules) {
      if (isDirectory ? rule.filesOnly : rule.directoriesOnly && !rule.expression.test(`${path}/`)) continue;
      if (rule.expression.test(path)) return rule.takesBack ? null : rule.pattern;
    }
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

  const start = floating ? "(?:^|/)" : "^";
  const end = contentsOnly ? "/." : filesOnly ? "$" : "(?:/|$)";
  const path = start + glob(body) + end;
  return { pattern, takesBack, path, expression: new RegExp(path, "s"), filesOnly, directoriesOnly };
}

/** The expression for one glob, without anchors. Names are bytes, so the pattern is put into bytes first. */
function glob(body: string): string {
  const options = { dot: true, strictSlashes: true, nonegate: true, flags: "s" };
  return `(?:${picomatch.makeRe(fromText(body), options).source.replace(/^\^|\$$/gu, "")})`;
}
