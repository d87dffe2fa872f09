import { z } from "zod";
import { dumpSetting, hooks, moduleSettings } from "./settings.ts";

/** Something about a module that a person should see; `error` means the module is not backed up until it is mended. */
export const warning = z.strictObject({
  severity: z.enum(["note", "warning", "error"]),
  message: z.string(),
  hint: z.string().optional(),
});
export type Warning = z.infer<typeof warning>;

export const source = z.strictObject({
  /** Absolute host path. */
  path: z.string(),
  kind: z.enum(["bind", "volume", "include"]),
  /** The named volume's name, for kind `volume`. */
  volume: z.string().optional(),
});
export type Source = z.infer<typeof source>;

const moduleContainer = z.strictObject({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  /** Repository digest (`name@sha256:…`) where the engine knows one, else the image's id. */
  imageDigest: z.string(),
  running: z.boolean(),
  paused: z.boolean(),
  /** Names of the module's other containers that must run before this one (`depends_on`, shared network). */
  dependsOn: z.array(z.string()),
  hooks,
  dump: dumpSetting.nullable(),
});
export type ModuleContainer = z.infer<typeof moduleContainer>;

const settingOrigin = z.strictObject({
  /** The label's name, `davit.keep`. */
  name: z.string(),
  /** Null where it is not set, and has no default. */
  value: z.string().nullable(),
  /** For people: `davit.keep of container db`, `modules.nas.keep in davit.yaml`; null for the default. */
  from: z.string().nullable(),
});
export type SettingOrigin = z.infer<typeof settingOrigin>;

/** A module as discovery finds it on a host. */
export const module = z.strictObject({
  name: z.string(),
  containers: z.array(moduleContainer),
  sources: z.array(source),
  /** Mounts that are not backed up, each with the reason. */
  leftOut: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  settings: moduleSettings,
  /** The module's settings as text, each with where it comes from; what discovery of an earlier version found has none. */
  origins: z.array(settingOrigin).optional(),
  warnings: z.array(warning),
});
export type Module = z.infer<typeof module>;

/** Whether a module may be backed up: it has no warning of severity `error`. */
export function isUsable(candidate: Module): boolean {
  return candidate.warnings.every((one) => one.severity !== "error");
}
