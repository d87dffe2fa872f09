import { setTimeout as delay } from "node:timers/promises";
import type { ModuleContainer } from "../contract/module.ts";
import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { inspectIfThere } from "../docker/inspect-if-there.ts";

const limitMs = 120_000;
const lookEveryMs = 500;
/** One without a health check has to stay up this long. */
const steadyMs = 3000;

/**
 * Waits until each of the containers runs and, where it has a health check, is healthy. Gives what is wrong with those that
 * did not get there within two minutes, in words; empty when all are well.
 */
export async function waitForHealth(
  docker: Docker,
  containers: readonly Pick<ModuleContainer, "id" | "name">[],
  signal: AbortSignal,
): Promise<string[]> {
  const started = performance.now();
  for (;;) {
    const elapsed = performance.now() - started;
    const states = await Promise.all(
      containers.map(async ({ id, name }) => judge(name, await inspectIfThere(docker, id), elapsed)),
    );
    const waiting = states.filter((state) => state !== null);
    if (waiting.length === 0) return [];
    if (elapsed > limitMs || waiting.every((state) => state.final)) return waiting.map((state) => state.problem);
    await delay(lookEveryMs, undefined, { signal });
  }
}

function judge(
  name: string,
  document: ContainerInspect | null,
  elapsedMs: number,
): { problem: string; final: boolean } | null {
  if (document === null) return { problem: `${name} is not there any more`, final: true };
  const { Running, Restarting, ExitCode, Health } = document.State;
  if (!Running || Restarting === true)
    return {
      problem: `${name} does not run (exit code ${ExitCode ?? "unknown"})`,
      final: elapsedMs > steadyMs && !Running,
    };
  const status = Health?.Status ?? "none";
  if (status === "healthy") return null;
  if (status === "none" || status === "")
    return elapsedMs > steadyMs ? null : { problem: `${name} has just started`, final: false };
  return { problem: `${name} is ${status}`, final: false };
}
