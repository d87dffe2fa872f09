import type { Module } from "../contract/module.ts";
import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";

/**
 * The engine's whole documents of a module's containers, for containers.json. With `keepEnvironment` false the values of
 * environment variables are left out, their names stay.
 */
export async function containerDocuments(
  docker: Docker,
  module: Pick<Module, "containers">,
  keepEnvironment = true,
): Promise<ContainerInspect[]> {
  const documents = await Promise.all(module.containers.map(async ({ id }) => docker.inspect(id)));
  return keepEnvironment ? documents : documents.map(withoutValues);
}

function withoutValues(document: ContainerInspect): ContainerInspect {
  const names = (document.Config.Env ?? []).map((one) => one.split("=")[0] ?? "");
  return { ...document, Config: { ...document.Config, Env: names } };
}
