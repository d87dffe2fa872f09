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
    findImage: async () => null,
    pause: refuse,
    unpause: refuse,
    stop: refuse,
    start: refuse,
    createContainer: refuse,
    removeContainer: refuse,
    logs: async () => "",
    containersWith: async (label) => containers.filter((one) => hasLabel(one, label)).map((one) => one.Id),
    createNetwork: refuse,
    inspectNetwork: async (id) => {
      throw new Failure("missing", `there is no network ${id}`);
    },
    networksWith: async () => [],
    removeNetwork: refuse,
    connectToNetwork: refuse,
    exec: refuse,
    async *events() {},
  };
}

function hasLabel({ Config }: ContainerInspect, label: string): boolean {
  const [key = "", value] = label.split("=");
  const found = Config.Labels?.[key];
  return found !== undefined && (value === undefined || found === value);
}
