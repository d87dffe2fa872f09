import { Failure } from "../failure/failure.ts";
import type { Running } from "./find-running.ts";
import type { HoldRequest } from "./hold-module.ts";
import type { HeldEntry } from "./open-ledger.ts";
import { runHook } from "./run-hook.ts";

/**
 * Brings containers to rest by their hooks, one after another, in the order given; together they have the hold's time limit. Each
 * stands in the entry, and on disk, before its hook begins: from then on it has to be released.
 */
export async function holdByHooks(
  { docker, ledger, module, reporter, signal }: HoldRequest,
  containers: readonly Running[],
  entry: HeldEntry,
): Promise<void> {
  const limitMs = module.settings.holdTimeoutSeconds * 1000;
  const deadline = performance.now() + limitMs;
  for (const { id, name, hooks } of containers) {
    if (hooks.hold === undefined) continue;
    signal.throwIfAborted();
    const leftMs = Math.ceil(deadline - performance.now());
    if (leftMs <= 0)
      throw new Failure("failed", `the hold hooks took longer than davit.hold.timeout together (${limitMs / 1000} s)`, {
        hint: "raise davit.hold.timeout, or make the hooks quicker",
      });
    const release = hooks.release === undefined ? null : { ...hooks.release, limitMs };
    entry.containers = [{ id, name, release }, ...entry.containers];
    await ledger.write(entry);
    await runHook({
      docker,
      container: { id, name },
      name: "hold",
      hook: hooks.hold,
      limitMs: leftMs,
      reporter,
      signal,
    });
  }
}
