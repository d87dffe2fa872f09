import type { Config } from "../config/config.ts";
import type { ModuleSettings } from "../contract/settings.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { containerName, findDependencies } from "./find-dependencies.ts";
import { readLabels } from "./migration-labels.ts";
import { settleSettings } from "./settle-settings.ts";

/** A container of a backup, and which of the others must run before it. */
export interface RecordedContainer {
  name: string;
  dependsOn: string[];
  document: ContainerInspect;
}

/** A module's containers as a backup has them, and the settings that their labels give it. */
export function recordedContainers(
  module: string,
  documents: readonly ContainerInspect[],
  config: Pick<Config, "modules" | "roots" | "timezone" | "agent">,
): { containers: RecordedContainer[]; settings: ModuleSettings } {
  const labelled = documents.map((document) => ({
    name: containerName(document),
    given: readLabels(document.Config.Labels ?? {}).given,
  }));
  const containers = documents.map((document) => ({
    name: containerName(document),
    dependsOn: findDependencies(document, documents),
    document,
  }));
  return { containers, settings: settleSettings(module, labelled, config).settings };
}
