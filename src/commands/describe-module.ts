import type { ModuleView } from "../contract/api.ts";
import { parseBackupTime } from "../contract/backup-id.ts";
import { isUsable, type ModuleContainer, type Source } from "../contract/module.ts";
import { describeProof } from "./describe-proof.ts";
import { formatAge } from "./format-age.ts";
import { formatBytes } from "./format-amounts.ts";
import { wallTimes } from "./wall-times.ts";

/** A module as `davit modules` shows it, over several lines. */
export function describeModule(module: ModuleView, now: Date): string {
  const failing = isUsable(module) ? "" : "  FAILING: it is not backed up until its errors are mended";
  const lines = [`${module.name}${failing}`];
  lines.push(...field("containers", module.containers.map(describeContainer)));
  lines.push(...field("sources", module.sources.map(describeSource), "none"));
  lines.push(
    ...field(
      "left out",
      module.leftOut.map(({ path, reason }) => `${path}: ${reason}`),
    ),
  );
  lines.push(...field("hold", [describeHold(module)]));
  lines.push(...field("schedule", [describeSchedule(module, now)]));
  lines.push(...field("drill", [describeDrill(module)]));
  lines.push(...field("newest", [describeNewest(module, now)]));
  lines.push(
    ...field(
      "unanswered",
      (module.lastBackup?.unanswered ?? []).map(({ message }) => message),
    ),
  );
  for (const { severity, message, hint } of module.warnings) {
    lines.push(`  ${severity.padEnd(10)}  ${message}`);
    if (hint !== undefined) lines.push(`${" ".repeat(14)}hint: ${hint}`);
  }
  return lines.join("\n");
}

function field(name: string, values: readonly string[], none?: string): string[] {
  const shown = values.length === 0 && none !== undefined ? [none] : values;
  return shown.map((value, at) => `  ${(at === 0 ? name : "").padEnd(10)}  ${value}`);
}

function describeContainer({ name, image, running, paused }: ModuleContainer): string {
  return `${name} (${image}, ${paused ? "paused" : running ? "running" : "not running"})`;
}

function describeSource({ path, kind, volume }: Source): string {
  if (kind === "bind") return path;
  return kind === "volume" ? `${path} (volume ${volume})` : `${path} (davit.include)`;
}

function describeHold({ settings }: ModuleView): string {
  return settings.hold === "live"
    ? "live: services run on"
    : `${settings.hold}, at most ${settings.holdTimeoutSeconds} s`;
}

function describeSchedule({ settings, nextRun }: ModuleView, now: Date): string {
  const { schedule, timezone } = settings;
  if (nextRun === null) return `${schedule} (${timezone}), not due`;
  const next = new Date(nextRun);
  return `${schedule} (${timezone}), next ${wallTimes(timezone)(next.getTime()).slice(0, 16)}, ${formatAge(next, now)}`;
}

function describeDrill({ settings: { drill, timezone } }: ModuleView): string {
  if (drill.check.type === "off") return "off";
  const when = drill.schedule === null ? "by hand only" : `${drill.schedule} (${timezone})`;
  return `${drill.check.type}, well within ${drill.timeoutSeconds} s; ${when}`;
}

function describeNewest({ name, lastBackup }: ModuleView, now: Date): string {
  if (lastBackup === null) return `none yet: \`davit backup ${name}\` makes the first`;
  const { id, time, bytesOut, evidence } = lastBackup;
  return `${id}, ${formatAge(parseBackupTime(time), now)}, ${formatBytes(bytesOut ?? 0)}, ${describeProof(evidence, now)}`;
}
