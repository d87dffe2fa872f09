import type { z } from "zod";
import { cron, duration, keep, matching, oneOf, timezone } from "../config/setting-values.ts";
import { moduleName } from "../contract/backup-id.ts";
import { command, compression, drill, dump, dumpKinds, globs, names, paths } from "./label-values.ts";

/** A label that Davit knows. Its name is `davit.` and its key in the table; in davit.yaml it is the key alone. */
export interface Label<T = unknown> {
  schema: z.ZodType<T, string>;
  /** The value that holds where none is given, as text; null where there is none. */
  fallback: string | null;
  /** For people: what the fallback is where it isn't one fixed text. */
  fallbackText?: string;
  /** Whether each container has its own, or all containers of a module share one. */
  scope: "container" | "module";
  values: string;
  meaning: string;
  /** Whether this value asks for something that this version of Davit does not do yet. */
  notYet: (text: string) => boolean;
}

const never = () => false;

const user = matching(/^[\w.-]+(?::[\w.-]+)?$/u, "a user like postgres, 1000 or 1000:1000");

/** Every label, in the order in which docs/labels.md has them. */
export const labels = {
  enable: label({
    schema: oneOf("true", "false"),
    scope: "container",
    values: "`true`, `false`",
    meaning: "`true` opts the container in.",
  }),
  module: label({
    schema: moduleName,
    scope: "container",
    fallbackText: "the compose project, else the container's name",
    values: "a name",
    meaning: "The module that the container belongs to. Containers of one module are backed up as one.",
  }),
  schedule: label({
    schema: cron,
    fallback: "0 2 * * *",
    values: "a cron expression",
    meaning:
      "When backups are made, in the zone of `davit.timezone`. Where both a day of the month and a weekday are given, both must match.",
  }),
  timezone: label({
    schema: timezone,
    fallbackText: "`TZ`",
    values: "a zone like `Europe/Berlin`",
    meaning: "The time zone of the schedule.",
  }),
  keep: label({
    schema: keep,
    fallback: "last=7,daily=7,weekly=4,monthly=6",
    values: "`last=N`, `hourly=N`, `daily=N`, `weekly=N`, `monthly=N`, `yearly=N`, `within=30d`, separated by commas",
    meaning: "Which backups stay. A backup stays while any rule wants it.",
  }),
  exclude: label({
    schema: globs,
    fallbackText: "the default exclusions below",
    values: "globs, separated by commas",
    meaning:
      "What is left out besides the default exclusions. `!pattern` takes one back, `none` drops all that come before it.",
  }),
  include: label({
    schema: paths,
    values: "absolute paths, separated by commas",
    meaning: "Paths below the roots that are backed up besides the container's mounts.",
  }),
  hold: label({
    schema: oneOf("live", "pause", "stop", "hooks", "snapshot"),
    fallback: "pause",
    values: "`live`, `pause`, `stop`, `hooks`, `snapshot`",
    meaning:
      "How the module is brought to rest while what has changed is read: not at all, paused, stopped, or by the hooks `davit.exec.hold` and `davit.exec.release`. `snapshot` pauses it until what has changed is cloned, which btrfs and xfs can, and reads the clones after that.",
  }),
  "hold.timeout": label({
    schema: duration,
    fallback: "60s",
    values: "a duration like `60s` or `5m`",
    meaning:
      "The longest a hold may last. Then the module is let go, and the backup is marked inconsistent. Also how long the hooks that hold or release may take.",
  }),
  "exec.before-hold": hook("before anything is read. One that fails fails the backup"),
  "exec.before-hold.user": hookUser("exec.before-hold"),
  "exec.hold": hook("to bring the service to rest, with `davit.hold=hooks`. One that fails fails the backup"),
  "exec.hold.user": hookUser("exec.hold"),
  "exec.release": hook(
    "to let the service go again, once its hold hook was begun. One that fails fails the run, and is tried again by the next",
  ),
  "exec.release.user": hookUser("exec.release"),
  "exec.after": hook("once the backup is sealed or has failed. One that fails fails the run; the sealed backup stays"),
  "exec.after.user": hookUser("exec.after"),
  dump: label({
    schema: dump,
    scope: "container",
    values: `${dumpKinds.map((one) => `\`${one}\``).join(", ")}, \`sqlite:/path\``,
    meaning:
      "A database of the container whose dump is put into the archive, with the credentials in the container's environment. One that fails fails the backup.",
  }),
  engine: label({
    schema: oneOf("archive", "restic", "borg"),
    fallback: "archive",
    values: "`archive`, `restic`, `borg`",
    meaning:
      "What writes the backup; `archive` is an ordinary tar file, the others are not available yet: archive is used.",
    notYet: (text) => text === "restic" || text === "borg",
  }),
  compression: label({
    schema: compression,
    fallback: "gzip:6",
    values: "`gzip:1` to `gzip:9`, `zstd:1` to `zstd:19`, `none`",
    meaning: "How the archive is compressed.",
  }),
  drill: label({
    schema: drill,
    fallback: "health",
    values: "`health`, `tcp:PORT`, `http:PORT/path`, `exec:command`, `off`",
    meaning:
      "How a drill asks the restored module whether it is well: by the containers' own health checks, by a port that answers, by a page, by a command that ends with 0. The container that carries the label is asked; where it is set elsewhere, any of the module's.",
  }),
  "drill.schedule": label({
    schema: cron,
    values: "a cron expression",
    fallbackText: "none: by hand only",
    meaning: "When the newest backup is drilled, in the zone of `davit.timezone`.",
  }),
  "drill.timeout": label({
    schema: duration,
    fallback: "5m",
    values: "a duration like `5m`",
    meaning: "How long the restored module has, from the start of its containers, until it must be well.",
  }),
  copy: label({
    schema: names,
    fallbackText: "`agent` with `DAVIT_AGENT_COPIES=true`, else `off`",
    values: "`agent`, `off`",
    meaning:
      "Whether each new backup is copied to the agent on the physical host (docs/link.md). Other places are not available yet.",
    notYet: (text) => !["", "off", "agent"].includes(text),
  }),
} as const satisfies Record<string, Label>;

export type LabelName = keyof typeof labels;

/** The names of all labels, without `davit.`. */
export const labelNames = Object.keys(labels).filter(isLabelName);

/** Whether a name, without `davit.`, is that of a label. */
export function isLabelName(name: string): name is LabelName {
  return Object.hasOwn(labels, name);
}

function label<T>(given: Pick<Label<T>, "schema" | "values" | "meaning"> & Partial<Label<T>>): Label<T> {
  return { fallback: null, scope: "module", notYet: never, ...given };
}

function hook(when: string): Label<string[]> {
  return label({
    schema: command,
    scope: "container",
    values: "a command",
    meaning: `A command that is run in the container ${when}.`,
  });
}

function hookUser(of: string): Label<string> {
  return label({
    schema: user,
    scope: "container",
    values: "a user",
    meaning: `Who runs \`davit.${of}\`; the container's own user when not given.`,
  });
}
