import type { ContainerInspect } from "../../src/docker/container-inspect.ts";
import type { Docker } from "../../src/docker/connect-docker.ts";
import { Failure } from "../../src/failure/failure.ts";

/** An engine that has these containers and lets nobody change them. */
export function fakeDocker(containers: readonly ContainerInspect[]): Docker {
  const refuse = async (): Promise<never> => {
    throw new Failure("failed", "this engine lets nobody change its containers");
  };
  return {
    ping: async () => undefined,
    version: async () => ({ version: "28.0.0", apiVersion: "1.48" }),
    listContainers: async () => containers.map((one) => one.Id),
    inspect: async (id) => {
      const found = containers.find((one) => one.Id === id || one.Name === `/${id}`);
      if (found === undefined) throw new Failure("missing", `there is no container ${id}`);
      return found;
    },
    imageDigests: async () => new Map(),
    pause: refuse,
    unpause: refuse,
    stop: refuse,
    start: refuse,
    exec: refuse,
    async *events() {},
  };
}
