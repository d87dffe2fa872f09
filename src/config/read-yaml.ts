import { Failure } from "../failure/failure.ts";
import { nearestName } from "../failure/nearest-name.ts";
import { notifySettings } from "./notify-settings.ts";
import { settings } from "./settings.ts";
import { entriesOf, plainText, readYamlDocument, type Where } from "./yaml-document.ts";

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
  const hint = "look whether the file is there, is mounted into the container, and may be read by Davit";
  const { entries, where } = readYamlDocument(file, hint);
  const result: YamlFile = { values: new Map(), modules: {} };
  for (const { key, value, keyNode } of entries) {
    if (!keys.includes(key)) throw unknownKey(key, where(keyNode));
    if (key === "modules") result.modules = readModules(value, where);
    else if (key === "notify") readGroup(result, key, value, where);
    else result.values.set(key, { text: plainText(value, key, where), where: where(value ?? keyNode) });
  }
  return result;
}

const keys: readonly string[] = [...settings.map((setting) => setting.key), "notify", "modules"];

/** A map of settings whose keys begin with the map's own. */
function readGroup({ values }: YamlFile, group: string, node: unknown, where: Where): void {
  const inGroup = notifySettings.map((setting) => setting.key);
  for (const { key: name, value, keyNode } of entriesOf(node, group, where)) {
    const key = `${group}.${name}`;
    if (!inGroup.includes(key)) throw unknownKey(key, where(keyNode), inGroup);
    values.set(key, { text: plainText(value, key, where), where: where(value ?? keyNode) });
  }
}

function unknownKey(key: string, place: string, known = keys): Failure {
  if (key === "password")
    return new Failure("config", `${place}: the password does not belong into this file`, {
      hint: "set DAVIT_PASSWORD_FILE to a file that holds it",
    });
  if (key === "agent")
    return new Failure("config", `${place}: the agent's line holds a secret, and does not belong into this file`, {
      hint: "set DAVIT_AGENT_FILE to a file that holds it",
    });
  const near = nearestName(key, known);
  return new Failure("config", `${place}: unknown key ${key}`, {
    hint: near === null ? `known are ${known.join(", ")}` : `did you mean ${near}?`,
  });
}

function readModules(node: unknown, where: Where): YamlFile["modules"] {
  const modules: YamlFile["modules"] = {};
  for (const { key: module, value } of entriesOf(node, "modules", where)) {
    const labels: Record<string, string> = {};
    for (const { key, value: label } of entriesOf(value, `modules.${module}`, where))
      labels[key] = plainText(label, `modules.${module}.${key}`, where);
    modules[module] = labels;
  }
  return modules;
}
