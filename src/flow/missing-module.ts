import type { Module } from "../contract/module.ts";
import { Failure } from "../failure/failure.ts";
import { nearestName } from "../failure/nearest-name.ts";

/** The `missing` Failure for a module that is not on this host, with the nearest that is. */
export function missingModule(name: string, modules: readonly Module[]): Failure {
  const near = nearestName(
    name,
    modules.map((one) => one.name),
  );
  return new Failure("missing", `there is no module ${name} on this host`, {
    hint: near === null ? "`davit modules` lists them; the label davit.enable=true opts in" : `did you mean ${near}?`,
  });
}
