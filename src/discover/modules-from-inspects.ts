import type { Config } from "../config/config.ts";
import { moduleName } from "../contract/backup-id.ts";
import { isUsable, type Module, type ModuleContainer, type Warning } from "../contract/module.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { checkHooks, containerSettings } from "./container-settings.ts";
import { containerName, findDependencies } from "./find-dependencies.ts";
import { findSources } from "./find-sources.ts";
import { foreignWriters } from "./foreign-writers.ts";
import type { HostPath } from "./host-path.ts";
import { type GivenLabel, readLabels } from "./migration-labels.ts";
import { settleSettings } from "./settle-settings.ts";

/** What discovery knows besides the containers' documents. */
export interface HostFacts {
  /** Repository digests by image id. */
  digests: ReadonlyMap<string, string>;
  /** What stands at a host path; null where nobody looked. */
  look: (path: string) => HostPath | null;
}

interface Candidate {
  container: ContainerInspect;
  given: GivenLabel[];
  notes: Warning[];
}

const nothingKnown: HostFacts = { digests: new Map(), look: () => null };

/** The modules that these containers (all of a host) make, by name. Touches nothing. */
export function modulesFromInspects(
  inspects: readonly ContainerInspect[],
  config: Config,
  facts: HostFacts = nothingKnown,
): Module[] {
  const groups = new Map<string, Candidate[]>();
  const undecided = new Map<string, Candidate[]>();
  for (const container of inspects) {
    const { given, notes } = readLabels(container.Config.Labels ?? {});
    const name = moduleOf(container, given);
    const enabled = isEnabled(given, name, config);
    if (enabled === "no") continue;
    const into = enabled === "yes" ? groups : undecided;
    into.set(name, [...(into.get(name) ?? []), { container, given, notes }]);
  }
  const modules = [...groups].map(([name, members]) => {
    const built = buildModule(name, members, { inspects, config, facts });
    built.warnings.push(...(undecided.get(name) ?? []).map((one) => notOptedIn(one, "warning")));
    return built;
  });
  for (const [name, members] of undecided)
    if (!groups.has(name)) {
      const built = buildModule(name, members, { inspects, config, facts });
      built.warnings.push(...members.map((one) => notOptedIn(one, "error")));
      modules.push(built);
    }
  return modules.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function buildModule(
  name: string,
  members: readonly Candidate[],
  { inspects, config, facts }: { inspects: readonly ContainerInspect[]; config: Config; facts: HostFacts },
): Module {
  const ordered = members.toSorted((a, b) => (a.container.Name < b.container.Name ? -1 : 1));
  const containers = ordered.map((one) => one.container);
  const labelled = ordered.map(({ container, given }) => ({ name: containerName(container), given }));
  const { settings, origins, warnings } = settleSettings(name, labelled, config);
  const found = findSources(containers, settings.include, config, facts.look);
  const module: Module = {
    name,
    containers: ordered.map((one) => describe(one, containers, facts)),
    sources: found.sources,
    leftOut: found.leftOut,
    settings,
    origins,
    warnings: [...warnings, ...found.warnings, ...members.flatMap((one) => one.notes)],
  };
  module.warnings.push(...foreignWriters(module, inspects), ...checkContainers(module, containers));
  return module;
}

function describe(
  { container, given }: Candidate,
  all: readonly ContainerInspect[],
  { digests }: Pick<HostFacts, "digests">,
): ModuleContainer {
  return {
    id: container.Id,
    name: containerName(container),
    image: container.Config.Image ?? container.Image,
    imageDigest: digests.get(container.Image) ?? container.Image,
    running: container.State.Running,
    paused: container.State.Paused === true,
    dependsOn: findDependencies(container, all),
    ...containerSettings(given),
  };
}

function checkContainers(module: Module, containers: readonly ContainerInspect[]): Warning[] {
  const warnings = checkHooks(module.containers, module.settings.hold);
  if (module.sources.length === 0 && isUsable(module))
    warnings.push({
      severity: "error",
      message: "there is nothing to back up: no mount of its containers is a source",
      hint: "see which mounts were left out, and why; DAVIT_ROOTS or davit.include may be what is missing",
    });
  const vanishing = containers.find((one) => one.HostConfig.AutoRemove === true);
  if (module.settings.hold === "stop" && vanishing !== undefined)
    warnings.push({
      severity: "error",
      message: `davit.hold=stop can't be used: the container ${containerName(vanishing)} is removed by the engine when it stops (--rm)`,
      hint: "use davit.hold=pause, or run it without --rm",
    });
  return warnings;
}

/** Whether nothing asks for a container to be backed up, nor says that it shall not be. */
export function isUnlisted(container: ContainerInspect, config: Config): boolean {
  const { given } = readLabels(container.Config.Labels ?? {});
  const asked = given.some((one) => one.name === "enable" || one.writtenAs.startsWith("davit."));
  return !asked && isEnabled(given, moduleOf(container, given), config) === "no";
}

/** The module's name that a container asks for; one that can't be a name gives way to the default (and becomes an error). */
function moduleOf(container: ContainerInspect, given: readonly GivenLabel[]): string {
  const asked = given.find((one) => one.name === "module")?.text.trim();
  const project = container.Config.Labels?.["com.docker.compose.project"];
  return [asked, project].find((one) => moduleName.safeParse(one).success) ?? containerName(container);
}

/** `unclear`: there are labels of ours, but none that says whether the container is in or out. */
function isEnabled(given: readonly GivenLabel[], name: string, config: Config): "yes" | "no" | "unclear" {
  const label = given.find((one) => one.name === "enable")?.text.trim();
  const value = label ?? config.modules[name]?.["enable"] ?? config.modules["*"]?.["enable"];
  if (value === "false") return "no";
  if (value !== undefined) return "yes";
  return given.some((one) => one.writtenAs.startsWith("davit.")) ? "unclear" : "no";
}

function notOptedIn({ container }: Candidate, severity: "warning" | "error"): Warning {
  return {
    severity,
    message: `the container ${containerName(container)} has labels of Davit but is not backed up`,
    hint: "add the label davit.enable=true, or davit.enable=false to say that this is meant",
  };
}
