import { readFileSync } from "node:fs";
import { isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from "yaml";
import { errorCode, Failure } from "../failure/failure.ts";

/** A YAML file, taken apart with the places of its parts. */
export interface YamlDocument {
  /** Its keys with their values; none where the file is empty. */
  entries: YamlEntry[];
  /** `file:line:column` of a node. */
  where: Where;
}

export type Where = (node: unknown) => string;

export interface YamlEntry {
  key: string;
  value: unknown;
  keyNode: unknown;
}

/** Reads a YAML file. Throws a `config` Failure, with `hint` where it can't be read, with line and column where it is broken. */
export function readYamlDocument(file: string, hint: string): YamlDocument {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (thrown) {
    throw new Failure("config", `can't read ${file} (${errorCode(thrown) ?? "unknown"})`, { hint, cause: thrown });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [error] = document.errors;
  if (error !== undefined)
    throw new Failure("config", `${at(error.pos[0])}: ${error.message.replace(/^[A-Z]/u, (c) => c.toLowerCase())}`, {
      hint: "mend the YAML at that line and column",
    });
  const where: Where = (node) => at(offsetOf(node));
  const isEmpty = document.contents === null || (isScalar(document.contents) && document.contents.value === null);
  return { entries: isEmpty ? [] : entriesOf(document.contents, file.replace(/^.*\//u, ""), where), where };
}

/** The keys of a map with their values; none of an empty value. Throws a `config` Failure for anything else. */
export function entriesOf(node: unknown, name: string, where: Where): YamlEntry[] {
  if (isScalar(node) && node.value === null) return [];
  if (!isMap(node))
    throw new Failure("config", `${where(node)}: ${name} must be keys with values`, { hint: "write `key: value`" });
  return node.items.map(({ key, value }: Pair) => ({
    key: isScalar(key) ? String(key.value) : String(key),
    value,
    keyNode: key,
  }));
}

/** A value as it was written; a list with commas between its parts. Throws a `config` Failure for maps and nothing. */
export function plainText(node: unknown, name: string, where: Where): string {
  // The source, not the value: 1.10 stays 1.10, and yes stays yes.
  if (isScalar(node) && node.value !== null && node.source !== undefined) return node.source;
  if (isSeq(node)) return node.items.map((item) => plainText(item, name, where)).join(",");
  throw new Failure("config", `${where(node)}: ${name} needs a value or a list of values`, {
    hint: `write \`${name}: value\` or \`${name}: [value, value]\``,
  });
}

function offsetOf(node: unknown): number {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) return 0;
  return Number(node.range[0]);
}
