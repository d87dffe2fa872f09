import { parsed } from "../config/setting-values.ts";
import {
  type Compression,
  drillCheck,
  type DrillCheck,
  type DumpKind,
  type DumpSetting,
} from "../contract/settings.ts";
import { compileExclusions } from "../format/exclusions.ts";
import { splitCommand } from "./split-command.ts";

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
