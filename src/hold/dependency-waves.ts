import type { ModuleContainer } from "../contract/module.ts";

/**
 * Containers in the order in which they may start: those of one wave need only those of the waves before it. In a circle
 * of dependencies the rest makes one last wave.
 */
export function dependencyWaves<T extends Pick<ModuleContainer, "name" | "dependsOn">>(
  containers: readonly T[],
): T[][] {
  const waves: T[][] = [];
  let rest = [...containers];
  while (rest.length > 0) {
    const waiting = new Set(rest.map((one) => one.name));
    const ready = rest.filter((one) => !one.dependsOn.some((name) => waiting.has(name)));
    const wave = ready.length > 0 ? ready : rest;
    waves.push(wave);
    rest = rest.filter((one) => !wave.includes(one));
  }
  return waves;
}
