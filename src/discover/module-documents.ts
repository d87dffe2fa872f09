import type { Module, Warning } from "../contract/module.ts";
import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { networkIfThere } from "../docker/network-if-there.ts";
import type { NetworkInspect } from "../docker/networks.ts";
import type { VolumeInspect } from "../docker/volumes.ts";
import { asFailure } from "../failure/failure.ts";
import { containerDocuments } from "./container-documents.ts";

/** The engine's documents of all that a module consists of, for containers.json, networks.json and volumes.json. */
export interface ModuleDocuments {
  containers: ContainerInspect[];
  networks: NetworkInspect[];
  volumes: VolumeInspect[];
  /** Networks and volumes whose documents could not be had, which is no reason to have no backup. */
  warnings: Warning[];
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
  const warnings: Warning[] = [];
  const networks = await documentsOf(
    "network",
    networkNames(containers),
    (name) => networkIfThere(docker, name),
    warnings,
  );
  const volumes = await documentsOf("volume", volumeNames(containers), (name) => docker.findVolume(name), warnings);
  return { containers, networks, volumes, warnings };
}

async function documentsOf<T>(
  what: string,
  names: readonly string[],
  find: (name: string) => Promise<T | null>,
  warnings: Warning[],
): Promise<T[]> {
  const documents: T[] = [];
  for (const name of names) {
    try {
      const found = await find(name);
      if (found !== null) documents.push(found);
    } catch (error) {
      const { message, hint } = asFailure(error);
      warnings.push({
        severity: "warning",
        message: `how the ${what} ${name} was made is not in the backup: ${message}`,
        ...(hint !== undefined && { hint }),
      });
    }
  }
  return documents;
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
