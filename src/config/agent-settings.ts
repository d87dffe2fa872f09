import { z } from "zod";
import { type BootCheck, quiesce } from "../contract/machine.ts";
import { config } from "./config.ts";
import { cron, duration, keep, matching, oneOf, parsed, size, timezone, unlessOff } from "./setting-values.ts";
import { settings } from "./settings.ts";

/** A setting of agent.yaml. */
export interface AgentSetting<T> {
  key: string;
  schema: z.ZodType<T, string>;
  /** The value that holds where none is given, as text; null where it follows from something else. */
  fallback: string | null;
  /** A value to write, for messages and the commented file. */
  example: string;
  /** For people, in the commented file. */
  meaning: string;
}

/** The settings of the agent itself, in the order in which the commented file has them. */
export const hostTable = {
  vault: setting({
    key: "vault",
    schema: known("vault", z.string()),
    fallback: "/mnt/backups/vm",
    meaning: "Folder of the machines' backups. It must be there: a disk that isn't mounted is not written beside.",
  }),
  state: setting({
    key: "state",
    schema: known("state", z.string()),
    fallback: "/var/lib/davit-agent",
    meaning: "Folder of run logs, locks, journals, the pairing and the host's id.",
  }),
  scratch: setting({
    key: "scratch",
    schema: known("scratch", z.string()),
    fallback: null,
    example: "/var/lib/davit-agent/scratch",
    meaning: "Folder for boot drills and what has to be unpacked; `scratch` in the state folder unless given.",
  }),
  copies: setting({
    key: "copies",
    schema: unlessOff(known("vault", z.string())),
    fallback: "off",
    example: "/mnt/backups/docker-copies",
    meaning: "Folder for copies of the sidecar's sealed backups, which come over the link; off takes none.",
  }),
  copyDays: setting({
    key: "copyDays",
    schema: known("verifyDays", z.number()),
    fallback: "off",
    example: "90",
    meaning:
      "Days after its arrival for which a copy is kept, but for the last one of each module; off keeps all. The machine has no say in it.",
  }),
  listen: setting({
    key: "listen",
    schema: known("listen", z.strictObject({ host: z.string(), port: z.int() })),
    fallback: "0.0.0.0:8470",
    example: "192.168.122.1:8470",
    meaning: "Address and port at which the sidecar reaches the agent, over TLS with a token (`davit agent pair`).",
  }),
  timezone: setting({
    key: "timezone",
    schema: timezone,
    fallback: null,
    example: "Europe/Berlin",
    meaning: "Zone of all schedules; the host's own unless given.",
  }),
  verifyDays: setting({
    key: "verifyDays",
    schema: known("verifyDays", z.number()),
    fallback: "30",
    meaning: "Within how many days each chain is read again and compared; off for never.",
  }),
  verifyRate: setting({
    key: "verifyRate",
    schema: known("verifyRate", z.int()),
    fallback: "50MB",
    meaning: "How much of it is read in a second at most; off for no limit.",
  }),
  parallel: setting({
    key: "parallel",
    schema: known("parallel", z.int()),
    fallback: "1",
    meaning: "How many machines are worked on together.",
  }),
  keepRuns: setting({
    key: "keepRuns",
    schema: known("keepRuns", z.int()),
    fallback: "200",
    meaning: "How many runs of a machine are remembered at least; those of the last 90 days are anyway.",
  }),
  logLevel: setting({
    key: "logLevel",
    schema: known("logLevel", config.shape.logLevel),
    fallback: "info",
    meaning: "One of trace, debug, info, warn, error, fatal and silent. LOG_LEVEL in the environment goes before it.",
  }),
} as const;

/** The settings of one machine; under `"*"` they hold for all. */
export const machineTable = {
  domain: setting({
    key: "domain",
    schema: matching(
      /^[^\s/\p{Cc}-](?:[^/\p{Cc}]{0,198}[^\s/\p{Cc}])?$/u,
      "a libvirt domain's name, as `virsh list --all` shows it",
    ),
    fallback: null,
    example: "docker-host",
    meaning: "The libvirt domain's name (`virsh list --all`); the machine's own name unless given.",
  }),
  uri: setting({
    key: "uri",
    schema: matching(/^qemu(\+[a-z0-9]+)?:\/\/[^\s'";\\]*$/u, "an address of libvirt like qemu:///system"),
    fallback: "qemu:///system",
    meaning: "Where libvirt is asked. On another host (qemu+ssh://…) the vault must be there at the same path.",
  }),
  full: setting({
    key: "full",
    schema: unlessOff(cron),
    fallback: "0 1 * * 0",
    meaning: "When a full begins a new chain, as a cron expression; off for by hand only.",
  }),
  incremental: setting({
    key: "incremental",
    schema: unlessOff(cron),
    fallback: "0 1 * * 1-6",
    meaning: "When what changed since the last point is saved. Without a point to build on it is a full.",
  }),
  quiesce: setting({
    key: "quiesce",
    schema: oneOf(...quiesce.options),
    fallback: "auto",
    meaning:
      "How the machine is brought to rest for the instant of its point. `auto`: the sidecar in it holds its modules, the guest agent freezes its file systems; where neither is there, the machine is paused for a moment. `pause`: only that. `none`: nothing; the point is then as after a power cut.",
  }),
  compress: setting({
    key: "compress",
    schema: oneOf("true", "false").transform((text) => text === "true"),
    fallback: "true",
    meaning: "Whether the disks are compressed (zstd) once the machine's part is over.",
  }),
  keep: setting({
    key: "keep",
    schema: keep,
    fallback: "last=4,monthly=3",
    meaning: "Which chains stay: last, hourly, daily, weekly, monthly, yearly, within=30d. A chain goes as a whole.",
  }),
  rollUp: setting({
    key: "rollUp",
    schema: unlessOff(
      parsed("a number of increments, 1 or more", (text) => (/^[1-9]\d{0,3}$/u.test(text) ? Number(text) : undefined)),
    ),
    fallback: "off",
    example: "30",
    meaning: "Increments of a chain beyond which the oldest are made into one full; off for never.",
  }),
} as const;

/** The settings below a machine's `drill`. */
export const drillTable = {
  schedule: setting({
    key: "schedule",
    schema: unlessOff(cron),
    fallback: "off",
    example: "0 5 1 * *",
    meaning: "When the newest point is booted, apart from everything, and asked whether it is well; off for by hand.",
  }),
  check: setting({
    key: "check",
    schema: parsed("auto, agent, serial:PATTERN or screen", bootCheckOf),
    fallback: "auto",
    example: "serial:login:",
    meaning:
      "What tells that it is well. `agent`: the guest agent answers. `serial:PATTERN`: the serial console prints what the regular expression says. `screen`: the picture has come to rest. `auto`: the best of these that the machine gives.",
  }),
  timeout: setting({ key: "timeout", schema: duration, fallback: "10m", meaning: "Until when it must be well." }),
  memory: setting({
    key: "memory",
    schema: size.refine((bytes) => bytes >= 64 * 1024 ** 2, "wanted is 64MiB or more"),
    fallback: "1GiB",
    meaning: "How much memory it gets then.",
  }),
} as const;

function setting<T>(given: Omit<AgentSetting<T>, "example"> & { example?: string }): AgentSetting<T> {
  return { ...given, example: given.example ?? given.fallback ?? "" };
}

/** What the sidecar's setting of that name takes, so that both programs understand the same. */
function known<T>(key: string, type: z.ZodType<T>): z.ZodType<T, string> {
  const found = settings.find((one) => one.key === key);
  return parsed(found?.expected ?? key, (text) => found?.parse(text)).pipe(type);
}

function bootCheckOf(text: string): BootCheck | undefined {
  if (text === "auto" || text === "agent" || text === "screen") return { type: text };
  const [, pattern] = /^serial:(.+)$/su.exec(text) ?? [];
  if (pattern === undefined) return undefined;
  try {
    void new RegExp(pattern, "u");
    return { type: "serial", pattern };
  } catch {
    return undefined;
  }
}
