import { stringify } from "yaml";
import type { Config } from "../config/config.ts";
import type { Source } from "../contract/module.ts";
import type { UnlistedContainer } from "../contract/overview.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { isDavit } from "../docker/is-davit.ts";
import { containerName } from "./find-dependencies.ts";
import { findSources } from "./find-sources.ts";
import { isUnlisted } from "./modules-from-inspects.ts";

/** The containers with data that could be backed up and that nobody has opted in, by name. Davit's own are none of these. */
export function findUnlisted(inspects: readonly ContainerInspect[], config: Config): UnlistedContainer[] {
  return inspects
    .filter((one) => !isDavit(one) && isUnlisted(one, config))
    .flatMap((one) => {
      const { sources } = findSources([one], [], config, () => null);
      return sources.length === 0 ? [] : [describe(one, sources)];
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function describe(container: ContainerInspect, sources: readonly Source[]): UnlistedContainer {
  const name = containerName(container);
  const label = (key: string): string | null => container.Config.Labels?.[`com.docker.compose.${key}`] ?? null;
  const service = label("service");
  return {
    name,
    image: container.Config.Image ?? container.Image,
    project: label("project"),
    service,
    sources: sources.map(({ path, volume }) => volume ?? path),
    yaml: stringify({ services: { [service ?? name]: { labels: { "davit.enable": "true" } } } }),
  };
}
