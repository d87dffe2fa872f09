import type { ModuleContainer } from "../contract/module.ts";
import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { inspectIfThere } from "../docker/inspect-if-there.ts";
import type { HoldReporter } from "./release-containers.ts";

export type Running = ModuleContainer & { document: ContainerInspect };

/**
 * Those of the containers that run and are not paused. One that was made anew since discovery has another id, so is looked
 * for by name as well.
 */
export async function findRunning(
  docker: Docker,
  containers: readonly ModuleContainer[],
  reporter: Pick<HoldReporter, "warning">,
): Promise<Running[]> {
  const running: Running[] = [];
  for (const container of containers) {
    const document = (await inspectIfThere(docker, container.id)) ?? (await inspectIfThere(docker, container.name));
    if (document === null) reporter.warning(`the container ${container.name} is not there any more`);
    else if (document.State.Running && document.State.Paused !== true)
      running.push({ ...container, id: document.Id, document });
  }
  return running;
}
