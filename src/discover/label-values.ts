import { validate } from "node-cron";
import { z } from "zod";
import {
  type Compression,
  drillCheck,
  type DrillCheck,
  type DumpKind,
  type DumpSetting,
  type KeepRules,
} from "../contract/settings.ts";
import { compileExclusions } from "../format/exclusions.ts";
import { splitCommand } from "./split-command.ts";

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `60s`, `5m`, `2h`, `30d`, `4w`, or a bare number of seconds -> seconds. */
export const duration = parsed("a duration like 60s, 5m, 2h or 30d", (text) => {
  const [, amount, unit] = /^(\d{1,9})([smhdw]?)$/u.exec(text) ?? [];
  if (amount === undefined || Number(amount) === 0) return undefined;
  return Number(amount) * (units[unit ?? ""] ?? 1);
});

/** A cron expression of five or six fields. */
export const cron = parsed("a cron expression of five fields, like 0 2 * * *", (text) =>
  text.split(/\s+/u).length >= 5 && validate(text) ? text : undefined,
);

/** A time zone that this machine knows. */
export const timezone = parsed("a time zone like Europe/Berlin or UTC", (text) => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone && text;
  } catch {
    return undefined;
  }
});

const periods = ["last", "hourly", "daily", "weekly", "monthly", "yearly"] as const;

/** `last=7,daily=7,within=30d` -> rules. One that would keep nothing is refused. */
export const keep = parsed("rules like last=7,daily=7,weekly=4,within=30d, which keep at least one backup", (text) => {
  const rules: KeepRules = {};
  for (const part of commaSeparated(text)) {
    const [name = "", amount = ""] = part.split("=").map((one) => one.trim());
    const period = periods.find((one) => one === name);
    if (period !== undefined && /^\d{1,6}$/u.test(amount) && rules[period] === undefined)
      rules[period] = Number(amount);
    else if (name === "within" && rules.withinSeconds === undefined && duration.safeParse(amount).success)
      rules.withinSeconds = duration.parse(amount);
    else return undefined;
  }
  return Object.values(rules).some((one: number | undefined) => one !== undefined && one > 0) ? rules : undefined;
});

/** `gzip:6`, `gzip`, `zstd:3`, `none`. */
export const compression = parsed("gzip:1 to gzip:9, zstd:1 to zstd:19, or none", (text): Compression | undefined => {
  if (text === "none") return { type: "none" };
  const [, type, given] = /^(gzip|zstd)(?::(\d{1,2}))?$/u.exec(text) ?? [];
  if (type === "gzip") return levelled("gzip", given ?? "6", 9);
  return type === "zstd" ? levelled("zstd", given ?? "3", 19) : undefined;
});

/** Globs, separated by commas that do not stand in braces. */
export const globs = parsed("globs like *.bak,data/old/**", (text) => {
  const list = text.split(/,(?![^{]*\})/u).map((one) => one.trim());
  return list.every(isGlob) ? list : undefined;
});

/** Absolute paths, separated by commas. */
export const paths = parsed("absolute paths like /opt/docker/volumes/extra", (text) => {
  const list = commaSeparated(text);
  const isPlain = (path: string) => path.startsWith("/") && !path.split("/").some((one) => one === ".." || one === ".");
  return list.every(isPlain) ? list.map((path) => path.replace(/(?<=.)\/+$/u, "").replace(/\/{2,}/gu, "/")) : undefined;
});

/** `health`, `tcp:PORT`, `http:PORT/path`, `exec:command` or `off`. */
export const drill = parsed("health, tcp:PORT, http:PORT/path, exec:command or off", (text): DrillCheck | undefined => {
  if (text === "health" || text === "off") return { type: text };
  const [, type, rest = ""] = /^(tcp|http|exec):(.+)$/su.exec(text) ?? [];
  if (type === "exec") return drillCheck.safeParse({ type, command: splitCommand(rest) }).data;
  const [, port = "", path = ""] = /^(\d{1,5})(\/\S*)?$/u.exec(rest) ?? [];
  if (type === "tcp" && path === "") return drillCheck.safeParse({ type, port: Number(port) }).data;
  return path === "" ? undefined : drillCheck.safeParse({ type, port: Number(port), path }).data;
});

/** Names, separated by commas, or `off`. */
export const names = parsed("names like nas,cloud, or off", (text) => {
  const list = commaSeparated(text);
  return list.every((one) => /^[\w.-]+$/u.test(one)) ? list : undefined;
});

/** A command -> its words. */
export const command = parsed(
  'a command whose quotes are closed; what only a shell understands (|, &&, ;, >) needs one: sh -c "…"',
  splitCommand,
);

/** The databases that are named by their kind alone. */
export const dumpKinds = ["postgres", "mysql", "mariadb", "mongodb", "redis"] as const satisfies DumpKind[];

/** `postgres`, …, `sqlite:/path`. */
export const dump = parsed(`${dumpKinds.join(", ")} or sqlite:/path`, (text): DumpSetting | undefined => {
  const [, path] = /^sqlite:(\/.*[^/])$/u.exec(text) ?? [];
  if (path !== undefined) return { kind: "sqlite", path };
  const kind = dumpKinds.find((one) => one === text);
  return kind === undefined ? undefined : { kind, path: null };
});

/** One of the words given. */
export function oneOf<const T extends string>(...words: readonly T[]): z.ZodType<T, string> {
  return parsed(words.join(", ").replace(/, ([^,]+)$/u, " or $1"), (text) => words.find((one) => one === text));
}

/** Text that matches an expression. */
export function matching(expression: RegExp, what: string): z.ZodType<string, string> {
  return parsed(what, (text) => (expression.test(text) ? text : undefined));
}

/** A value that `parse` makes of the text, which is refused, naming what is wanted, where it gives undefined. */
function parsed<T>(wanted: string, parse: (text: string) => T | undefined): z.ZodType<T, string> {
  return z.string().transform((given, context) => {
    const value = parse(given.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: `wanted is ${wanted}` });
    return z.NEVER;
  });
}

function levelled(type: "gzip" | "zstd", given: string, highest: number): Compression | undefined {
  const level = Number(given);
  return level >= 1 && level <= highest ? { type, level } : undefined;
}

function isGlob(text: string): boolean {
  try {
    compileExclusions([text]);
    return text !== "" && text !== "!";
  } catch {
    return false;
  }
}

function commaSeparated(text: string): string[] {
  return text.split(",").map((one) => one.trim());
}
