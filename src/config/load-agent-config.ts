import { existsSync } from "node:fs";
import path from "node:path";
import { type Machine, machineName } from "../contract/machine.ts";
import { Failure } from "../failure/failure.ts";
import { nearestName } from "../failure/nearest-name.ts";
import type { AgentConfig } from "./agent-config.ts";
import { type AgentSetting, drillTable, hostTable, machineTable } from "./agent-settings.ts";
import { checkAgentNames } from "./check-names.ts";
import {
  entriesOf,
  plainText,
  readYamlDocument,
  type Where,
  type YamlDocument,
  type YamlEntry,
} from "./yaml-document.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a part of the file says, by key. */
type Given = ReadonlyMap<string, { text: string; name: string; where: string }>;

interface MachineGiven {
  own: Given;
  drill: Given;
}

/** What holds for each machine that says nothing else. */
const allMachines = "*";
const mebibyte = 1024 ** 2;

/** Where agent.yaml is: DAVIT_AGENT_CONFIG, else /etc/davit/agent.yaml. */
export function agentConfigFile(environment: Environment): string {
  const named = environment["DAVIT_AGENT_CONFIG"];
  return path.resolve(named === undefined || named === "" ? "/etc/davit/agent.yaml" : named);
}

/**
 * The agent's configuration: agent.yaml over defaults. Throws a `config` Failure that names file, line, column and key, and the
 * way out: where there is no file, for broken YAML, an unknown key (with the nearest known one), a bad value, a name that
 * can't be a machine's, two machines that are one domain.
 */
export function loadAgentConfig(environment: Environment, file = agentConfigFile(environment)): AgentConfig {
  checkAgentNames(environment);
  if (!existsSync(file))
    throw new Failure("config", `there is no ${file}`, { hint: "`davit agent install` writes one, with comments" });
  return complete(file, readYamlDocument(file, "look whether it may be read; run this as root"), environment);
}

/** What would be in effect with an agent.yaml, at that place, that says nothing. */
export function defaultAgentConfig(file: string): AgentConfig {
  return complete(file, { entries: [], where: () => file }, {});
}

function complete(file: string, { entries, where }: YamlDocument, environment: Environment): AgentConfig {
  const given = new Map(readTable(entries, { table: hostTable, name: "", besides: "machines", where }));
  const level = environment["LOG_LEVEL"]?.trim();
  if (level !== undefined && level !== "")
    given.set("logLevel", { text: level, name: "LOG_LEVEL", where: "LOG_LEVEL" });

  refuseNested(given);
  const state = take(given, hostTable.state);
  const timezone = take(given, hostTable.timezone, Intl.DateTimeFormat().resolvedOptions().timeZone);
  return {
    file,
    vault: take(given, hostTable.vault),
    state,
    scratch: take(given, hostTable.scratch, path.join(state, "scratch")),
    copies: take(given, hostTable.copies),
    copyDays: take(given, hostTable.copyDays),
    listen: take(given, hostTable.listen),
    timezone,
    verifyDays: take(given, hostTable.verifyDays),
    verifyRate: take(given, hostTable.verifyRate),
    parallel: take(given, hostTable.parallel),
    keepRuns: take(given, hostTable.keepRuns),
    logLevel: take(given, hostTable.logLevel),
    machines: readMachines(entries.find((one) => one.key === "machines")?.value ?? null, timezone, where),
  };
}

/** One folder in another would be taken for its contents, or swept with them; only scratch may lie in the state folder. */
function refuseNested(given: Given): void {
  const folders = [hostTable.vault, hostTable.state, hostTable.copies, hostTable.scratch].flatMap((setting) => {
    const folder = setting.key === "scratch" && !given.has("scratch") ? null : take<string | null>(given, setting);
    return folder === null ? [] : [{ key: setting.key, folder }];
  });
  for (const { key, folder } of folders)
    for (const other of folders) {
      if (other.key === key || !`${folder}/`.startsWith(`${other.folder}/`)) continue;
      if (key === "scratch" && other.key === "state" && folder !== other.folder) continue;
      const place = given.get(key)?.where ?? given.get(other.key)?.where ?? "agent.yaml";
      throw new Failure("config", `${place}: ${key} (${folder}) lies in ${other.key} (${other.folder})`, {
        hint: "give each of them a folder of its own",
      });
    }
}

function readMachines(node: unknown, timezone: string, where: Where): Machine[] {
  if (node === null) return [];
  const all: MachineGiven = { own: new Map(), drill: new Map() };
  const named = new Map<string, MachineGiven>([[allMachines, all]]);
  const places = new Map<string, string>();
  for (const { key, value, keyNode } of entriesOf(node, "machines", where)) {
    if (key !== allMachines && !machineName.safeParse(key).success)
      throw new Failure("config", `${where(keyNode)}: ${JSON.stringify(key)} can't be a machine's name`, {
        hint: "a name has letters, digits, '_', '.' and '-', at most 100; it is that of the folder. `domain` names the libvirt domain",
      });
    named.set(key, readMachine(value, key, where));
    places.set(key, where(keyNode));
  }
  const { own, drill } = named.get(allMachines) ?? all;
  named.delete(allMachines);
  const domain = own.get("domain");
  if (domain !== undefined)
    throw new Failure("config", `${domain.where}: ${domain.name} would make all machines the same domain`, {
      hint: "give `domain` in the machine that it belongs to",
    });
  const machines = [...named].map(([name, given]) =>
    settle(name, { own: new Map([...own, ...given.own]), drill: new Map([...drill, ...given.drill]) }, timezone),
  );
  refuseTwins(machines, places);
  return machines;
}

function readMachine(node: unknown, machine: string, where: Where): MachineGiven {
  const name = `machines.${machine}.`;
  const entries = entriesOf(node, `machines.${machine}`, where);
  const drill = entries.find((one) => one.key === "drill")?.value ?? null;
  return {
    own: readTable(entries, { table: machineTable, name, besides: "drill", where }),
    drill:
      drill === null
        ? new Map()
        : readTable(entriesOf(drill, `${name}drill`, where), { table: drillTable, name: `${name}drill.`, where }),
  };
}

function settle(name: string, { own, drill }: MachineGiven, timezone: string): Machine {
  return {
    name,
    settings: {
      domain: take(own, machineTable.domain, name),
      uri: take(own, machineTable.uri),
      timezone,
      full: take(own, machineTable.full),
      incremental: take(own, machineTable.incremental),
      quiesce: take(own, machineTable.quiesce),
      compress: take(own, machineTable.compress),
      keep: take(own, machineTable.keep),
      rollUp: take(own, machineTable.rollUp),
      drill: {
        schedule: take(drill, drillTable.schedule),
        check: take(drill, drillTable.check),
        timeoutSeconds: take(drill, drillTable.timeout),
        memoryMiB: Math.floor(take(drill, drillTable.memory) / mebibyte),
      },
    },
  };
}

/** Two chains of checkpoints in one domain would break each other. */
function refuseTwins(machines: readonly Machine[], places: ReadonlyMap<string, string>): void {
  const seen = new Map<string, string>();
  for (const { name, settings } of machines) {
    const key = `${settings.uri} ${settings.domain}`;
    const other = seen.get(key);
    if (other !== undefined)
      throw new Failure(
        "config",
        `${places.get(name)}: ${name} is the domain ${settings.domain}, which ${other} is as well`,
        {
          hint: "leave one of the two out, or give them their own `domain`",
        },
      );
    seen.set(key, name);
  }
}

interface Part {
  table: Readonly<Record<string, AgentSetting<unknown>>>;
  /** What stands before a key in messages. */
  name: string;
  /** A key that is read elsewhere. */
  besides?: string;
  where: Where;
}

function readTable(entries: readonly YamlEntry[], { table, name, besides, where }: Part): Given {
  const given = new Map<string, { text: string; name: string; where: string }>();
  const keys = [...Object.keys(table), ...(besides === undefined ? [] : [besides])];
  for (const { key, value, keyNode } of entries) {
    if (!keys.includes(key)) {
      const near = nearestName(key, keys);
      throw new Failure("config", `${where(keyNode)}: unknown key ${name}${key}`, {
        hint: near === null ? `known are ${keys.join(", ")}` : `did you mean ${near}?`,
      });
    }
    if (key !== besides)
      given.set(key, { text: plainText(value, `${name}${key}`, where), name: `${name}${key}`, where: where(value) });
  }
  return given;
}

/** A setting's value: what is given, else its default, else `otherwise`. */
function take<T>(given: Given, setting: AgentSetting<T>, otherwise?: T): T {
  const found = given.get(setting.key);
  if (found === undefined) {
    if (setting.fallback === null && otherwise !== undefined) return otherwise;
    return setting.schema.parse(setting.fallback);
  }
  const result = setting.schema.safeParse(found.text);
  if (result.success) return result.data;
  const { text, name, where } = found;
  const subject = where === name ? name : `${where}: ${name}`;
  const wanted = result.error.issues.map((issue) => issue.message).join(", ");
  throw new Failure("config", `${subject} is ${JSON.stringify(text)}, but ${wanted}`, {
    hint: `write something like \`${setting.key}: ${setting.example}\``,
  });
}
