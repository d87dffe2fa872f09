import type { DoctorCheck } from "../contract/api.ts";
import { isUsable, type Module } from "../contract/module.ts";

/** Whether every module can be backed up. */
export function checkModules(modules: readonly Module[]): DoctorCheck {
  const name = "modules";
  if (modules.length === 0)
    return {
      name,
      status: "warning",
      message: "no container is opted in, so nothing is backed up",
      hint: "add the label davit.enable=true to a container and create it anew",
    };
  const failing = modules.filter((one) => !isUsable(one));
  const all = `${modules.length} ${modules.length === 1 ? "module" : "modules"}`;
  if (failing.length > 0) {
    const reasons = failing.map((one) => `${one.name} (${firstError(one)})`);
    return {
      name,
      status: "error",
      message: `${failing.length} of ${all} can't be backed up: ${reasons.join(", ")}`,
      hint: `\`davit modules ${failing.map((one) => one.name).join(" ")}\` says what to mend`,
    };
  }
  const warned = modules.filter((one) => one.warnings.some(({ severity }) => severity === "warning"));
  if (warned.length === 0) return { name, status: "ok", message: `${all} can be backed up` };
  const names = warned.map((one) => one.name);
  return {
    name,
    status: "warning",
    message: `${all} can be backed up; there are warnings about ${names.join(", ")}`,
    hint: `\`davit modules ${names.join(" ")}\` shows them`,
  };
}

function firstError(module: Module): string {
  return module.warnings.find((one) => one.severity === "error")?.message ?? "";
}
