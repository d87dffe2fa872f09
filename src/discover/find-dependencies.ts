import type { ContainerInspect } from "../docker/container-inspect.ts";

/** A container's name without the slash that the engine puts before it. */
export function containerName(container: Pick<ContainerInspect, "Name">): string {
  return container.Name.replace(/^\//u, "");
}

/**
 * The names of those among `all` (the containers of one module) that must run before `container`: by compose's
 * `depends_on`, by a network, IPC or PID namespace that it borrows, by links, by `volumes_from`.
 */
export function findDependencies(container: ContainerInspect, all: readonly ContainerInspect[]): string[] {
  const labels = container.Config.Labels ?? {};
  const project = labels["com.docker.compose.project"];
  const services = (labels["com.docker.compose.depends_on"] ?? "").split(",").map((one) => one.split(":")[0]?.trim());
  const { NetworkMode, IpcMode, PidMode, Links, VolumesFrom } = container.HostConfig;
  const borrowed = [NetworkMode, IpcMode, PidMode].flatMap((mode) => /^container:(.+)$/u.exec(mode ?? "")?.[1] ?? []);
  const linked = (Links ?? []).map((link) => link.split(":")[0]?.replace(/^\//u, ""));
  const volumes = (VolumesFrom ?? []).map((from) => from.split(":")[0]);
  const named = new Set([...borrowed, ...linked, ...volumes]);

  return all
    .filter((other) => other.Id !== container.Id)
    .filter((other) => {
      const theirs = other.Config.Labels ?? {};
      const service = theirs["com.docker.compose.service"];
      const isService =
        project !== undefined &&
        theirs["com.docker.compose.project"] === project &&
        service !== undefined &&
        services.includes(service);
      return isService || named.has(containerName(other)) || named.has(other.Id);
    })
    .map(containerName)
    .toSorted();
}
