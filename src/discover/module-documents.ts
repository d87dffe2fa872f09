import type { Module } from "../contract/module.ts";
import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { networkIfThere } from "../docker/network-if-there.ts";
import type { NetworkInspect } from "../docker/networks.ts";
import type { VolumeInspect } from "../docker/volumes.ts";
import { containerDocuments } from "./container-documents.ts";

/** The engine's documents of all that a module consists of, for containers.json, networks.json and volumes.json. */
export interface ModuleDocuments {
  containers: ContainerInspect[];
  networks: NetworkInspect[];
  volumes: VolumeInspect[];
}

const builtInNetworks = new Set(["bridge", "host", "none", "default"]);

/**
 * The documents of a module's containers, and of the networks and named volumes that these use; what is gone by now is left
 * out. With `keepEnvironment` false the values of environment variables are left out, their names stay.
 */
export async function moduleDocuments(
  docker: Docker,
  module: Pick<Module, "containers">,
  keepEnvironment: boolean,
): Promise<ModuleDocuments> {
  const containers = await containerDocuments(docker, module, keepEnvironment);
  const networks: NetworkInspect[] = [];
  for (const name of networkNames(containers)) {
    const found = await networkIfThere(docker, name);
    if (found !== null) networks.push(found);
  }
  const volumes: VolumeInspect[] = [];
  for (const name of volumeNames(containers)) {
    const found = await docker.findVolume(name);
    if (found !== null) volumes.push(found);
  }
  return { containers, networks, volumes };
}

/** The networks, made by people, that containers are on. */
export function networkNames(containers: readonly ContainerInspect[]): string[] {
  const names = containers.flatMap((one) => Object.keys(one.NetworkSettings?.Networks ?? {}));
  return [...new Set(names)].filter((name) => !builtInNetworks.has(name)).toSorted();
}

/** The named volumes that containers use. */
export function volumeNames(containers: readonly Pick<ContainerInspect, "Mounts">[]): string[] {
  const mounts = containers.flatMap((one) => one.Mounts ?? []);
  const names = mounts.flatMap((mount) => (mount.Type === "volume" && mount.Name ? [mount.Name] : []));
  return [...new Set(names)].filter((name) => !/^[0-9a-f]{64}$/u.test(name)).toSorted();
}
