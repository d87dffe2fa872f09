import type { ModuleContainer, Warning } from "../contract/module.ts";
import { hookNames, type HoldMode, type HookName } from "../contract/settings.ts";
import { type Label, type LabelName, labels } from "./labels.ts";
import type { GivenLabel } from "./migration-labels.ts";

type ContainerSettings = Pick<ModuleContainer, "hooks" | "dump">;

/** What a container's labels ask for besides its module's settings. A value that makes no sense asks for nothing here. */
export function containerSettings(given: readonly GivenLabel[]): ContainerSettings {
  const hooks: ContainerSettings["hooks"] = {};
  for (const name of hookNames) {
    const command = valueOf(given, `exec.${name}`, labels[`exec.${name}`]);
    if (command !== null)
      hooks[name] = { command, user: valueOf(given, `exec.${name}.user`, labels[`exec.${name}.user`]) };
  }
  return { hooks, dump: valueOf(given, "dump", labels.dump) };
}

function valueOf<T>(given: readonly GivenLabel[], name: LabelName, label: Label<T>): T | null {
  const text = given.find((one) => one.name === name)?.text;
  return text === undefined ? null : (label.schema.safeParse(text).data ?? null);
}

/** Hooks that would never run, or leave a service at rest. */
export function checkHooks(containers: readonly Pick<ModuleContainer, "name" | "hooks">[], hold: HoldMode): Warning[] {
  const warnings: Warning[] = [];
  for (const { name, hooks } of containers) {
    const idle = (["hold", "release"] satisfies HookName[]).filter(
      (one) => hooks[one] !== undefined && hold !== "hooks",
    );
    for (const one of idle)
      warnings.push({
        severity: "warning",
        message: `davit.exec.${one} of container ${name} has no effect with davit.hold=${hold}`,
        hint: "set davit.hold=hooks, or use davit.exec.before-hold and davit.exec.after",
      });
    if (hold === "hooks" && hooks.release !== undefined && hooks.hold === undefined)
      warnings.push({
        severity: "warning",
        message: `davit.exec.release of container ${name} has no effect without davit.exec.hold`,
        hint: "a container whose hold hook did not run is not released",
      });
  }
  if (hold === "hooks" && containers.every(({ hooks }) => hooks.hold === undefined))
    warnings.push({
      severity: "error",
      message: "davit.hold=hooks holds nothing: no container has davit.exec.hold",
      hint: "set davit.exec.hold and davit.exec.release on the containers that are to be brought to rest, or use davit.hold=pause",
    });
  return warnings;
}
