import type { Config } from "../config/config.ts";
import type { Module } from "../contract/module.ts";
import type { UnlistedContainer } from "../contract/overview.ts";
import type { Docker } from "../docker/connect-docker.ts";
import { hostSight } from "../docker/host-sight.ts";
import { inspectIfThere } from "../docker/inspect-if-there.ts";
import { ownContainer } from "../docker/own-container.ts";
import { pathsToLookAt } from "./find-sources.ts";
import { lookAt } from "./host-path.ts";
import { inBatches } from "./in-batches.ts";
import { findUnlisted } from "./find-unlisted.ts";
import { modulesFromInspects } from "./modules-from-inspects.ts";

const inspectsAtOnce = 16;

/** What discovery finds on a host: its modules, by name, and containers with data that nobody has opted in. */
export interface Discovered {
  modules: Module[];
  unlisted: UnlistedContainer[];
}

/** The host's modules as they are now, by name. A container that goes while it is looked at is no failure. */
export async function discoverModules(docker: Docker, config: Config): Promise<Module[]> {
  return (await discoverHost(docker, config)).modules;
}

/** The same with what is not backed up. */
export async function discoverHost(docker: Docker, config: Config): Promise<Discovered> {
  const ids = await docker.listContainers();
  const [inspects, digests, own] = await Promise.all([
    inBatches(ids, inspectsAtOnce, async (id) => inspectIfThere(docker, id)),
    docker.imageDigests(),
    ownContainer(docker),
  ]);
  const containers = inspects.filter((one) => one !== null);
  const include = modulesFromInspects(containers, config).flatMap((one) => one.settings.include);
  const paths = pathsToLookAt(containers, include);
  const sees = hostSight(own);
  const seen = new Map(
    await inBatches(paths, inspectsAtOnce, async (path) => [path, await lookAt(path, sees)] as const),
  );
  return {
    modules: modulesFromInspects(containers, config, { digests, look: (path) => seen.get(path) ?? null }),
    unlisted: findUnlisted(containers, config),
  };
}
