import { isUsable, type Module } from "../contract/module.ts";
import { discoverModules } from "../discover/discover-modules.ts";
import { Failure } from "../failure/failure.ts";
import type { Davit } from "./davit.ts";
import { missingModule } from "./missing-module.ts";

/** The module of that name as it is on the host now; a `missing` or `config` Failure where it can't be backed up. */
export async function findModule(davit: Davit, name: string): Promise<Module> {
  const modules = await discoverModules(davit.docker, davit.config);
  const module = modules.find((one) => one.name === name);
  if (module === undefined) throw missingModule(name, modules);
  if (!isUsable(module)) {
    const [first] = module.warnings.filter((one) => one.severity === "error");
    throw new Failure("config", `${name}: ${first?.message ?? "its settings are invalid"}`, {
      hint: first?.hint ?? "`davit modules` shows every warning",
    });
  }
  return module;
}
