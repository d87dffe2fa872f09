import type { Module } from "../contract/module.ts";
import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { inspectIfThere } from "../docker/inspect-if-there.ts";
import { inBatches } from "./in-batches.ts";

const inspectsAtOnce = 16;

/**
 * The engine's whole documents of a module's containers, for containers.json; those that are gone by now are left out. With `keepEnvironment` false the values of
 * environment variables are left out, their names stay.
 */
export async function containerDocuments(
  docker: Docker,
  module: Pick<Module, "containers">,
  keepEnvironment = true,
): Promise<ContainerInspect[]> {
  const found = await inBatches(module.containers, inspectsAtOnce, async ({ id }) => inspectIfThere(docker, id));
  const documents = found.filter((one) => one !== null);
  return keepEnvironment ? documents : documents.map(withoutValues);
}

function withoutValues(document: ContainerInspect): ContainerInspect {
  const names = (document.Config.Env ?? []).map((one) => one.split("=")[0] ?? "");
  return { ...document, Config: { ...document.Config, Env: names } };
}
