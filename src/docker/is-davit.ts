import type { ContainerInspect } from "./container-inspect.ts";

/** Whether a container runs Davit's image, which carries its title as a label that its containers inherit. */
export function isDavit(container: Pick<ContainerInspect, "Config">): boolean {
  return container.Config.Labels?.["org.opencontainers.image.title"]?.toLowerCase() === "davit";
}
