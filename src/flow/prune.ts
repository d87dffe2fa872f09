import type { Module } from "../contract/module.ts";
import type { RunReporter } from "../contract/run-event.ts";
import { decideRotation, type RotationDecision } from "../vault/rotation.ts";
import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";
import { findModule } from "./find-module.ts";
import { recordRun } from "./record-run.ts";

/** What rotation would do with a module's backups now, each with its reason; nothing is removed. */
export async function previewPrune(davit: Davit, name: string): Promise<RotationDecision[]> {
  return decide(davit, await findModule(davit, name));
}

/** Removes the backups of a module that its rules do not keep; gives every decision. */
export async function pruneModule(davit: Davit, name: string, request: FlowRequest): Promise<RotationDecision[]> {
  return recordRun(davit, request, {
    kind: "prune",
    module: name,
    work: async (reporter) => {
      reporter.stage("rotate");
      return rotate(davit, await findModule(davit, name), reporter, request.signal);
    },
  });
}

/** The same inside another run, which has the module's lock. A backup that can't be removed is told, and no failure. */
export async function rotate(
  davit: Davit,
  module: Module,
  reporter: RunReporter,
  signal?: AbortSignal,
): Promise<RotationDecision[]> {
  const decisions = await decide(davit, module);
  for (const { id, keep } of decisions) {
    if (keep) continue;
    signal?.throwIfAborted();
    try {
      await davit.vault.remove(id);
    } catch (error) {
      reporter.warning(`${id} could not be removed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return decisions;
}

async function decide(davit: Davit, module: Module): Promise<RotationDecision[]> {
  const { keep, timezone } = module.settings;
  return decideRotation(await davit.vault.list(module.name), keep, davit.now(), timezone);
}
