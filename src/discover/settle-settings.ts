import type { SettingOrigin, Warning } from "../contract/module.ts";
import type { ModuleSettings } from "../contract/settings.ts";
import type { Config } from "../config/config.ts";
import { defaultExclusions } from "../format/exclusions.ts";
import { isLabelName, type Label, type LabelName, labelNames, labels } from "./labels.ts";
import type { GivenLabel } from "./migration-labels.ts";
import { nearestName } from "../failure/nearest-name.ts";

/** A container and its labels, as far as settings are concerned. */
export interface LabelledContainer {
  name: string;
  given: readonly GivenLabel[];
}

interface Given {
  text: string;
  /** Where the value stands, for people: `davit.keep of container db`. */
  where: string;
}

/**
 * A module's settings: labels over `modules.<name>` of davit.yaml over `modules.*` over the defaults. What can't be
 * understood becomes a warning, and the setting has its next lower value; of severity `error` where the module must not be
 * backed up like that.
 */
export function settleSettings(
  module: string,
  containers: readonly LabelledContainer[],
  config: Pick<Config, "modules" | "roots" | "timezone" | "agent">,
): { settings: ModuleSettings; origins: SettingOrigin[]; warnings: Warning[] } {
  const warnings: Warning[] = [];
  const origins: SettingOrigin[] = [];
  const layers = [module, "*"].map((key) => ({ key, values: config.modules[key] ?? {} }));
  for (const container of containers) warnings.push(...checkContainer(container));
  for (const { key, values } of layers) warnings.push(...checkFile(key, values));

  function chosen<T>(name: LabelName, label: Label<T>): T | null {
    const given = fromLabels(name, containers, warnings) ?? fromFile(name, layers);
    if (given !== undefined) {
      const value = understood(name, label, given, warnings);
      if (value !== null) {
        origins.push({ name: `davit.${name}`, value: given.text.trim(), from: given.where });
        return value;
      }
    }
    origins.push({ name: `davit.${name}`, value: label.fallback ?? label.fallbackText ?? null, from: null });
    return label.fallback === null ? null : label.schema.parse(label.fallback);
  }

  function required<T>(name: LabelName, label: Label<T>): T {
    const value = chosen(name, label);
    if (value === null) throw new Error(`davit.${name} has no default`);
    return value;
  }

  const hold = required("hold", labels.hold);
  const include = chosen("include", labels.include) ?? [];
  const exclude = chosen("exclude", labels.exclude) ?? [];
  chosen<unknown>("engine", labels.engine);
  const copy = chosen("copy", labels.copy)?.filter((one) => one !== "off") ?? null;
  if (copy?.includes("agent") === true && config.agent === null) warnings.push(noAgent);
  warnings.push(...checkExclude(exclude, config.roots));

  const settings: ModuleSettings = {
    schedule: required("schedule", labels.schedule),
    timezone: chosen("timezone", labels.timezone) ?? config.timezone,
    keep: required("keep", labels.keep),
    exclude: withDefaults(exclude),
    include,
    hold,
    holdTimeoutSeconds: required("hold.timeout", labels["hold.timeout"]),
    compression: required("compression", labels.compression),
    drill: {
      check: required("drill", labels.drill),
      container: containers.find(({ given }) => given.some((one) => one.name === "drill"))?.name ?? null,
      timeoutSeconds: required("drill.timeout", labels["drill.timeout"]),
      schedule: chosen("drill.schedule", labels["drill.schedule"]),
    },
    copy,
  };
  return { settings, origins, warnings };
}

const noAgent: Warning = {
  severity: "warning",
  message: "davit.copy=agent has no effect: no agent is paired",
  hint: "on the physical host, `davit agent pair` prints the line for DAVIT_AGENT",
};

function fromLabels(name: LabelName, containers: readonly LabelledContainer[], warnings: Warning[]): Given | undefined {
  const all = containers.flatMap((container) =>
    container.given.filter((one) => one.name === name).map((one) => ({ ...one, container: container.name })),
  );
  const [first] = all;
  if (first === undefined) return undefined;
  const other = all.find((one) => one.text.trim() !== first.text.trim());
  if (other !== undefined)
    warnings.push({
      severity: "error",
      message: `the containers ${first.container} and ${other.container} disagree: ${first.writtenAs}=${first.text} and ${other.writtenAs}=${other.text}`,
      hint: "one module has one value: set the label on one of them, or give them different davit.module names",
    });
  return { text: first.text, where: `${first.writtenAs} of container ${first.container}` };
}

function fromFile(
  name: LabelName,
  layers: { key: string; values: Readonly<Record<string, string>> }[],
): Given | undefined {
  const layer = layers.find(({ values }) => values[name] !== undefined);
  const text = layer?.values[name];
  if (layer === undefined || text === undefined) return undefined;
  return { text, where: `modules.${layer.key}.${name} in davit.yaml` };
}

function understood<T>(name: LabelName, label: Label<T>, { text, where }: Given, warnings: Warning[]): T | null {
  const result = label.schema.safeParse(text);
  if (!result.success) {
    warnings.push({
      severity: "error",
      message: `${where} has a value that makes no sense: "${text}"`,
      hint: result.error.issues.map((issue) => issue.message).join("; "),
    });
    return null;
  }
  if (label.notYet(text.trim())) warnings.push(notYet(name, label, text.trim()));
  return result.data;
}

function notYet(name: LabelName, label: Label, text: string): Warning {
  const instead: Partial<Record<LabelName, string>> = {
    engine: "archive is used",
    copy: "the only copy there is yet is `agent`",
  };
  const what = instead[name] === undefined ? `davit.${name}` : `davit.${name}=${text}`;
  return {
    severity: "warning",
    message: `${what} is not available yet`,
    hint: instead[name] ?? `${label.scope === "container" ? "the label" : "the setting"} has no effect in this version`,
  };
}

/** The labels that are each container's own, and the unknown ones. */
function checkContainer({ name, given }: LabelledContainer): Warning[] {
  const warnings: Warning[] = [];
  for (const one of given) {
    if (!isLabelName(one.name))
      warnings.push(unknown(`the label ${one.writtenAs} of container ${name}`, one.name, "davit."));
    else if (labels[one.name].scope === "container")
      understood<unknown>(
        one.name,
        labels[one.name],
        { text: one.text, where: `${one.writtenAs} of container ${name}` },
        warnings,
      );
    if (one.name.endsWith(".user") && !given.some(({ name: other }) => `${other}.user` === one.name))
      warnings.push({
        severity: "warning",
        message: `${one.writtenAs} of container ${name} has no effect without davit.${one.name.slice(0, -".user".length)}`,
      });
  }
  return warnings;
}

function checkFile(key: string, values: Readonly<Record<string, string>>): Warning[] {
  const warnings: Warning[] = [];
  for (const [name, text] of Object.entries(values)) {
    const where = `modules.${key}.${name} in davit.yaml`;
    if (!isLabelName(name)) warnings.push(unknown(where, name, ""));
    else if (name === "module")
      warnings.push({ severity: "warning", message: `${where} has no effect`, hint: "set the label davit.module" });
    else if (labels[name].scope === "container") {
      understood<unknown>(name, labels[name], { text, where }, warnings);
      if (name !== "enable")
        warnings.push({
          severity: "warning",
          message: `${where} has no effect`,
          hint: `set the label davit.${name} on the container that it is meant for`,
        });
    }
  }
  return warnings;
}

function unknown(where: string, name: string, prefix: string): Warning {
  const nearest = nearestName(name, labelNames);
  return {
    severity: "warning",
    message: `${where} is not known and has no effect`,
    hint: nearest === null ? "docs/labels.md has all names" : `did you mean ${prefix}${nearest}?`,
  };
}

function checkExclude(patterns: readonly string[], roots: readonly string[]): Warning[] {
  return patterns
    .filter((pattern) => roots.some((root) => pattern.replace(/^!/u, "").startsWith(`${root}/`)))
    .map((pattern) => ({
      severity: "warning",
      message: `davit.exclude has the host path ${pattern}, which matches nothing`,
      hint: "patterns start at the source: leave out the source's own path",
    }));
}

/** `none` drops the defaults and all that stands before it. */
function withDefaults(patterns: readonly string[]): string[] {
  const last = patterns.lastIndexOf("none");
  return last === -1 ? [...defaultExclusions, ...patterns] : patterns.slice(last + 1);
}
