import type { Module, Warning } from "../contract/module.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { isDavit } from "../docker/is-davit.ts";
import { containerName } from "./find-dependencies.ts";
import { isWithin } from "./host-path.ts";

/**
 * A warning for each container that does not belong to the module, so is not held with it, and writes to one of its
 * sources. Davit's own container is none.
 */
export function foreignWriters(
  module: Pick<Module, "containers" | "sources">,
  all: readonly ContainerInspect[],
): Warning[] {
  const own = new Set(module.containers.map((one) => one.id));
  return all
    .filter((one) => !own.has(one.Id) && !isDavit(one))
    .flatMap((other) => {
      const shared = module.sources.find(({ path }) => writablePaths(other).some((one) => overlaps(one, path)));
      if (shared === undefined) return [];
      return [
        {
          severity: "warning" as const,
          message: `the container ${containerName(other)}, which is not held with this module, writes to ${shared.path} as well`,
          hint: "give both the same davit.module, or mount it read-only there",
        },
      ];
    });
}

function writablePaths(container: ContainerInspect): string[] {
  return (container.Mounts ?? []).flatMap((mount) => (mount.RW === false || !mount.Source ? [] : [mount.Source]));
}

function overlaps(one: string, other: string): boolean {
  return isWithin(one, other) || isWithin(other, one);
}
