import path from "node:path";
import { z } from "zod";
import { moduleName } from "../contract/backup-id.ts";
import { wallClock } from "../contract/wall-clock.ts";
import { config } from "./config.ts";
import { rateExample, readRate } from "./read-rate.ts";

export interface Origin {
  name: string;
  hint: string;
}

/** One setting: how it is called, what it may be, and what it is where nobody sets it. */
export interface Setting {
  /** Key in davit.yaml and in Config. */
  key: string;
  variable: string;
  fallback: unknown;
  /** Completes "which is not …". */
  expected: string;
  example: string;
  /** The value, or undefined where the text is no such thing. */
  parse: (text: string) => unknown;
}

/** All settings besides secrets, `notify` (notify-settings.ts) and `modules`. */
export const settings: readonly Setting[] = [
  folder("vault", "DAVIT_VAULT", "/mnt/backups/docker"),
  folder("state", "DAVIT_STATE", "/var/lib/davit"),
  folder("scratch", "DAVIT_SCRATCH", undefined),
  {
    key: "roots",
    variable: "DAVIT_ROOTS",
    fallback: ["/opt/docker/volumes"],
    expected: "a comma-separated list of absolute paths",
    example: "/opt/docker/volumes,/srv",
    parse: (text) => {
      const paths = text.split(",").map((one) => absolute(one.trim()));
      return paths.every((one) => one !== undefined) ? [...new Set(paths)] : undefined;
    },
  },
  {
    key: "listen",
    variable: "DAVIT_LISTEN",
    fallback: { host: "127.0.0.1", port: 8080 },
    expected: "an address and a port",
    example: "127.0.0.1:8080, [::1]:8080 or 8080",
    parse: parseListen,
  },
  folder("socket", "DAVIT_SOCKET", null),
  {
    key: "frameAncestors",
    variable: "DAVIT_FRAME_ANCESTORS",
    fallback: [],
    expected: "a list of origins with spaces between them",
    example: "https://dashboard.lan http://192.168.1.5:3000",
    parse: parseOrigins,
  },
  {
    key: "portainer",
    variable: "DAVIT_PORTAINER_URL",
    fallback: null,
    expected: "Portainer's address, as the browser shows it on this engine's dashboard",
    example: "https://portainer.lan:9443/#!/1/docker/dashboard",
    parse: parsePortainer,
  },
  {
    key: "publicUrl",
    variable: "DAVIT_PUBLIC_URL",
    fallback: null,
    expected: "the panel's address, as people open it",
    example: "https://davit.lan",
    parse: (text) => (/^https?:\/\/[^\s/]/u.test(text) ? URL.parse(text)?.href : undefined),
  },
  yesOrNo("portainerSignIn", "DAVIT_PORTAINER_SIGN_IN", false),
  whole("parallel", "DAVIT_PARALLEL", 1, "runs"),
  {
    key: "dockerHost",
    variable: "DOCKER_HOST",
    fallback: "unix:///var/run/docker.sock",
    expected: "a unix:// or tcp:// address",
    example: "unix:///var/run/docker.sock or tcp://socket-proxy:2375",
    parse: parseDockerHost,
  },
  {
    key: "timezone",
    variable: "TZ",
    fallback: "UTC",
    expected: "a time zone",
    example: "Europe/Berlin",
    parse: (text) => (isZone(text.replace(/^:/u, "")) ? text.replace(/^:/u, "") : undefined),
  },
  {
    key: "logLevel",
    variable: "LOG_LEVEL",
    fallback: "info",
    expected: `one of ${config.shape.logLevel.options.join(", ")}`,
    example: "debug",
    parse: (text) => config.shape.logLevel.safeParse(text.toLowerCase()).data,
  },
  yesOrNo("keepEnvironment", "DAVIT_KEEP_ENV", true),
  {
    key: "verifyDays",
    variable: "DAVIT_VERIFY_DAYS",
    fallback: 30,
    expected: "a number of days, or off",
    example: "30",
    parse: (text) => (text === "off" ? 0 : /^\d{1,5}(?:\.\d{1,5})?$/u.test(text) ? Number(text) : undefined),
  },
  {
    key: "verifyRate",
    variable: "DAVIT_VERIFY_RATE",
    // A third of what one disk of a NAS reads, which leaves it usable.
    fallback: 50_000_000,
    expected: "an amount a second, or off",
    example: rateExample,
    parse: readRate,
  },
  whole("keepRuns", "DAVIT_KEEP_RUNS", 200, "runs"),
  yesOrNo("trustProxy", "DAVIT_TRUST_PROXY", false),
  {
    key: "agentHold",
    variable: "DAVIT_AGENT_HOLD",
    fallback: ["all"],
    expected: "all, none, or a comma-separated list of modules",
    example: "all, none or nextcloud,mail",
    parse: (text) => {
      const names = [...new Set(text.split(",").map((one) => one.trim()))];
      if (names.length === 1 && names[0] === "none") return [];
      return names.every((one) => moduleName.safeParse(one).success) ? names : undefined;
    },
  },
  yesOrNo("agentCopies", "DAVIT_AGENT_COPIES", false),
  {
    key: "image",
    variable: "DAVIT_IMAGE",
    fallback: null,
    expected: "an image's name",
    example: "davit:0.1.0",
    parse: (text) => (/^\S+$/u.test(text) ? text : undefined),
  },
];

function folder(key: string, variable: string, fallback: string | null | undefined): Setting {
  return {
    key,
    variable,
    fallback,
    expected: "an absolute path below /",
    example: fallback ?? "/var/lib/davit/scratch",
    parse: (text) => (text === "/" ? undefined : absolute(text)),
  };
}

function whole(key: string, variable: string, fallback: number, what: string): Setting {
  return {
    key,
    variable,
    fallback,
    expected: `a whole number of ${what}, 1 or more`,
    example: String(fallback),
    parse: (text) => (/^[1-9]\d{0,5}$/u.test(text) ? Number(text) : undefined),
  };
}

function yesOrNo(key: string, variable: string, fallback: boolean): Setting {
  return {
    key,
    variable,
    fallback,
    expected: "true or false",
    example: String(!fallback),
    parse: (text) => z.stringbool().safeParse(text).data,
  };
}

function absolute(text: string): string | undefined {
  if (!path.isAbsolute(text)) return undefined;
  const normal = path.normalize(text);
  return normal.length > 1 ? normal.replace(/\/$/u, "") : normal;
}

function parseListen(text: string): { host: string; port: number } | undefined {
  const parts = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):)?(\d{1,5})$/u.exec(text);
  if (parts === null) return undefined;
  const port = Number(parts[3]);
  const named = parts[1] ?? parts[2];
  // ":8080" is understood everywhere as all addresses; a port alone stays on this machine.
  const host = named === undefined ? "127.0.0.1" : named === "" ? "0.0.0.0" : named;
  return port <= 65_535 ? { host, port } : undefined;
}

function parseOrigins(text: string): string[] | undefined {
  const given = text.split(/\s+/u).filter((one) => one !== "");
  const isOrigin = (one: string): boolean => /^https?:\/\//u.test(one) && URL.parse(one)?.origin === one.toLowerCase();
  return given.every(isOrigin) ? given : undefined;
}

function parsePortainer(text: string): { url: string; environment: number } | undefined {
  const [, address = "", environment = "1"] = /^(https?:\/\/[^#?]+)(?:#!\/(\d{1,9})(?:\/.*)?)?$/u.exec(text) ?? [];
  return URL.canParse(address) && environment !== "0"
    ? { url: address.replace(/\/+$/u, ""), environment: Number(environment) }
    : undefined;
}

function parseDockerHost(text: string): string | undefined {
  if (/^unix:\/\/\/[^\0]+$/u.test(text)) return text;
  const url = URL.parse(text);
  const known = url !== null && ["tcp:", "http:", "https:"].includes(url.protocol) && url.hostname !== "";
  return known ? text : undefined;
}

function isZone(text: string): boolean {
  try {
    wallClock(text);
    return true;
  } catch {
    return false;
  }
}
