import { z } from "zod";

/** How many backups to keep. Counts keep the newest backup of each period; `within` keeps everything younger than that many seconds. */
export const keepRules = z.strictObject({
  last: z.int().min(0).optional(),
  hourly: z.int().min(0).optional(),
  daily: z.int().min(0).optional(),
  weekly: z.int().min(0).optional(),
  monthly: z.int().min(0).optional(),
  yearly: z.int().min(0).optional(),
  withinSeconds: z.int().min(1).optional(),
});
export type KeepRules = z.infer<typeof keepRules>;

export const compression = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("gzip"), level: z.int().min(1).max(9) }),
  z.strictObject({ type: z.literal("zstd"), level: z.int().min(1).max(19) }),
  z.strictObject({ type: z.literal("none") }),
]);
export type Compression = z.infer<typeof compression>;

export const holdMode = z.enum(["live", "pause", "stop", "hooks", "snapshot"]);
export type HoldMode = z.infer<typeof holdMode>;

export const hookNames = ["before-hold", "hold", "release", "after"] as const;
const hookName = z.enum(hookNames);
export type HookName = z.infer<typeof hookName>;

/** A command that is run in a container. */
const hook = z.strictObject({
  /** The program and its arguments; no shell unless it is one. */
  command: z.array(z.string()).min(1),
  /** Null for the container's own user. */
  user: z.string().nullable(),
});
export type Hook = z.infer<typeof hook>;
export const hooks = z.partialRecord(hookName, hook);

export const dumpKind = z.enum(["postgres", "mysql", "mariadb", "mongodb", "redis", "sqlite"]);
export type DumpKind = z.infer<typeof dumpKind>;

/** A database of a container whose dump is put into the archive. */
export const dumpSetting = z.strictObject({
  kind: dumpKind,
  /** The database's file in the container; for sqlite, null for all others. */
  path: z.string().nullable(),
});
export type DumpSetting = z.infer<typeof dumpSetting>;

/** How a drill asks the restored module whether it is well. */
export const drillCheck = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("health") }),
  z.strictObject({ type: z.literal("tcp"), port: z.int().min(1).max(65_535) }),
  z.strictObject({ type: z.literal("http"), port: z.int().min(1).max(65_535), path: z.string() }),
  z.strictObject({ type: z.literal("exec"), command: z.array(z.string()).min(1) }),
  z.strictObject({ type: z.literal("off") }),
]);
export type DrillCheck = z.infer<typeof drillCheck>;

const drillSettings = z.strictObject({
  check: drillCheck,
  /** The container that was named by carrying the label; null where none was. */
  container: z.string().nullable(),
  /** How long the started module has until it must be well. */
  timeoutSeconds: z.int().min(1),
  /** A cron expression; null where drills are held by hand only. */
  schedule: z.string().nullable(),
});
export type DrillSettings = z.infer<typeof drillSettings>;

/** A module's settings after labels, davit.yaml and defaults were put together. */
export const moduleSettings = z.strictObject({
  schedule: z.string(),
  timezone: z.string(),
  keep: keepRules,
  /** Globs, defaults included, in order; a later `!pattern` takes back an earlier one. */
  exclude: z.array(z.string()),
  /** Absolute host paths below the roots that are sources besides the mounts. */
  include: z.array(z.string()),
  hold: holdMode,
  holdTimeoutSeconds: z.int().min(1),
  compression,
  drill: drillSettings,
  /** Names of the copies of its backups; empty for none, null for all that are configured. */
  copy: z.array(z.string()).nullable(),
});
export type ModuleSettings = z.infer<typeof moduleSettings>;
