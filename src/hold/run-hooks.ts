import type { Module, ModuleContainer } from "../contract/module.ts";
import type { Docker } from "../docker/connect-docker.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { dependencyWaves } from "./dependency-waves.ts";
import { findRunning } from "./find-running.ts";
import type { HoldReporter } from "./release-containers.ts";
import { runHook } from "./run-hook.ts";

/** How long a hook outside the hold may take: it may well be a dump. */
const limitMs = 15 * 60_000;

export interface HooksRun {
  docker: Docker;
  module: Pick<Module, "containers">;
  reporter: HoldReporter;
  signal: AbortSignal;
}

/** Runs the hooks before the hold, against the order of dependencies. The first that fails is thrown, and no other is run. */
export async function runBeforeHooks(run: HooksRun): Promise<void> {
  for (const container of (await withHook(run, "before-hold")).toReversed())
    await runOne(run, container, "before-hold");
}

/** Runs the hooks after the backup, in the order of dependencies. All are run even when one fails; then one Failure tells. */
export async function runAfterHooks(run: HooksRun): Promise<void> {
  const failures: Failure[] = [];
  for (const container of await withHook(run, "after")) {
    await runOne(run, container, "after").catch((error: unknown) => failures.push(asFailure(error)));
  }
  const [first, ...more] = failures;
  if (first === undefined) return;
  if (more.length === 0) throw first;
  throw new Failure(first.kind, failures.map((one) => one.message).join("; "), {
    ...(first.hint === undefined ? {} : { hint: first.hint }),
    cause: first,
  });
}

type Named = "before-hold" | "after";

async function withHook({ docker, module, reporter }: HooksRun, name: Named): Promise<ModuleContainer[]> {
  const wanted = module.containers.filter((one) => one.hooks[name] !== undefined);
  if (wanted.length === 0) return [];
  const running = await findRunning(docker, wanted, reporter);
  for (const one of wanted) {
    if (!running.some((other) => other.name === one.name))
      reporter.warning(`davit.exec.${name} of ${one.name} was not run: the container does not run, or is paused`);
  }
  const order = dependencyWaves(module.containers).flat();
  return order.flatMap((one) => running.filter((other) => other.name === one.name));
}

async function runOne({ docker, reporter, signal }: HooksRun, container: ModuleContainer, name: Named): Promise<void> {
  const hook = container.hooks[name];
  if (hook !== undefined) await runHook({ docker, container, name, hook, limitMs, reporter, signal });
}
