import path from "node:path";
import { parsePairingLine, type PairingLine } from "../contract/link.ts";
import { Failure } from "../failure/failure.ts";
import { type Config, config } from "./config.ts";
import { findYaml } from "./find-yaml.ts";
import { checkNames } from "./check-names.ts";
import { type Origin, type Setting, settings } from "./settings.ts";
import { notifySettings, readNotify } from "./notify-settings.ts";
import { readSecret } from "./read-secret.ts";
import { readYaml, type YamlFile } from "./read-yaml.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The effective configuration: the environment over davit.yaml over defaults. The file is `yamlPath`, else DAVIT_CONFIG, else
 * the first of ./davit.yaml and /etc/davit/davit.yaml that exists. An empty variable counts as not set.
 *
 * Throws a `config` Failure that names the variable, or the file with line and column, and the way out: for an unknown
 * DAVIT_* variable or key (with the nearest known one), a bad value, a secret that is given twice or can't be read.
 * The values of `modules` are judged by discovery, with the labels that they stand for.
 */
export function loadConfig(environment: Environment, yamlPath?: string): Config {
  checkNames(environment);
  const place = yamlPath ?? findYaml(environment);
  const file = place === null ? null : readYaml(place);
  const values: Record<string, unknown> = {};
  for (const setting of settings) values[setting.key] = valueOf(setting, environment, file);
  values["scratch"] ??= path.join(String(values["state"]), "scratch");
  values["password"] = readSecret("DAVIT_PASSWORD", environment);
  values["agent"] = readAgent(environment);
  values["notify"] = readNotify((key) => {
    const setting = notifySettings.find((one) => one.key === key);
    return setting && valueOf(setting, environment, file);
  }, environment);
  values["modules"] = file?.modules ?? {};
  return config.parse(values);
}

function readAgent(environment: Environment): PairingLine | null {
  const line = readSecret("DAVIT_AGENT", environment);
  if (line === null) return null;
  const parsed = parsePairingLine(line);
  if (parsed !== null) return parsed;
  // The line has a secret in it, so it is not shown.
  throw new Failure("config", "DAVIT_AGENT is not a line that `davit agent pair` prints", {
    hint: "copy the whole line from the host: davit-agent://ADDRESS:PORT/FINGERPRINT#TOKEN, in quotes where a shell reads it",
  });
}

function valueOf(setting: Setting, environment: Environment, file: YamlFile | null): unknown {
  const fromEnvironment = environment[setting.variable]?.trim();
  if (fromEnvironment !== undefined && fromEnvironment !== "")
    return parse(setting, fromEnvironment, { name: setting.variable, hint: `set ${setting.variable}` });
  const fromFile = file?.values.get(setting.key);
  if (fromFile !== undefined)
    return parse(setting, fromFile.text, { name: `${fromFile.where}: ${setting.key}`, hint: `set ${setting.key}` });
  return setting.fallback;
}

function parse(setting: Setting, text: string, origin: Origin): unknown {
  const parsed = setting.parse(text);
  if (parsed !== undefined) return parsed;
  throw new Failure("config", `${origin.name} is ${JSON.stringify(text)}, which is not ${setting.expected}`, {
    hint: `${origin.hint} to something like ${setting.example}`,
  });
}
