import { readFileSync } from "node:fs";
import { isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from "yaml";
import { errorCode, Failure } from "../failure/failure.ts";
import { nearestName } from "../failure/nearest-name.ts";
import { settings } from "./settings.ts";

/** davit.yaml, taken apart: each setting as the text that its variable would have. */
export interface YamlFile {
  values: Map<string, { text: string; where: string }>;
  /** Module settings by module name (`*` for all), as label name without `davit.` -> value. */
  modules: Record<string, Record<string, string>>;
}

/**
 * Reads a davit.yaml, which must exist. Throws a `config` Failure with line and column for broken YAML, an unknown key (with
 * the nearest known one) or a value of the wrong kind.
 */
export function readYaml(file: string): YamlFile {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (thrown) {
    throw new Failure("config", `can't read ${file} (${errorCode(thrown) ?? "unknown"})`, {
      hint: "look whether the file is there, is mounted into the container, and may be read by Davit",
      cause: thrown,
    });
  }
  return parseFile(file, text);
}

const keys: readonly string[] = [...settings.map((setting) => setting.key), "modules"];

type Where = (node: unknown) => string;

function parseFile(file: string, text: string): YamlFile {
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
  const result: YamlFile = { values: new Map(), modules: {} };
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return result;
  for (const { key, value, keyNode } of entries(document.contents, "davit.yaml", where)) {
    if (!keys.includes(key)) throw unknownKey(key, where(keyNode));
    if (key === "modules") result.modules = readModules(value, where);
    else result.values.set(key, { text: plainText(value, key, where), where: where(value ?? keyNode) });
  }
  return result;
}

function unknownKey(key: string, place: string): Failure {
  if (key === "password")
    return new Failure("config", `${place}: the password does not belong into this file`, {
      hint: "set DAVIT_PASSWORD_FILE to a file that holds it",
    });
  const near = nearestName(key, keys);
  return new Failure("config", `${place}: unknown key ${key}`, {
    hint: near === null ? `known are ${keys.join(", ")}` : `did you mean ${near}?`,
  });
}

function readModules(node: unknown, where: Where): YamlFile["modules"] {
  const modules: YamlFile["modules"] = {};
  for (const { key: module, value } of entries(node, "modules", where)) {
    const labels: Record<string, string> = {};
    for (const { key, value: label } of entries(value, `modules.${module}`, where))
      labels[key] = plainText(label, `modules.${module}.${key}`, where);
    modules[module] = labels;
  }
  return modules;
}

interface Entry {
  key: string;
  value: unknown;
  keyNode: unknown;
}

function entries(node: unknown, name: string, where: Where): Entry[] {
  if (isScalar(node) && node.value === null) return [];
  if (!isMap(node))
    throw new Failure("config", `${where(node)}: ${name} must be keys with values`, { hint: "write `key: value`" });
  return node.items.map(({ key, value }: Pair) => ({
    key: isScalar(key) ? String(key.value) : String(key),
    value,
    keyNode: key,
  }));
}

function plainText(node: unknown, name: string, where: Where): string {
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
