import { z } from "zod";
import type { RunReporter } from "../contract/run-event.ts";
import { hostSight } from "../docker/host-sight.ts";
import { ownContainer } from "../docker/own-container.ts";
import { twinLabel } from "../docker/twin-spec.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";
import type { HoldReporter } from "../hold/release-containers.ts";
import { recordRun } from "./record-run.ts";
import { settleModule, touchedFolders } from "./settle-module.ts";
import { Twin, type TwinWork } from "./twin.ts";

/**
 * Does a verb in a twin, where some of what it has to see is not mounted into Davit's own container; null where nothing is
 * missing, and the caller does it itself. The twin has the module's lock and the run's log; what it tells there is told to
 * `request` as well. Cancelling stops it. When it is over no twin is left, and what one left that was killed is put right.
 */
export async function throughTwin<T>(davit: Davit, request: FlowRequest, work: TwinWork<T>): Promise<T | null> {
  const own = await ownContainer(davit.docker);
  if (own === null) return null;
  const sees = hostSight(own);
  const paths = [...new Set((await work.paths()).filter((path) => !sees(path)))];
  if (paths.length === 0) return null;
  if (own.Config.Labels?.[twinLabel] !== undefined)
    throw new Failure("failed", `the twin of ${work.module} can't see ${paths.join(", ")}`, {
      hint: "it came while the twin was made: try again",
    });
  const run = work.run === null ? null : await davit.runs.newId(work.run.kind, work.module);
  const twin = new Twin(davit, request, work, run);
  try {
    return await davit.slots(
      async () => twin.perform(own, paths),
      request.signal,
      () => request.reporter?.stage("wait"),
    );
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (twin.wasKilled && work.run !== null) await putRight(davit, work.module, request.reporter);
    if (work.run === null || twin.isLogged || failure.kind === "busy") throw failure;
    // Nothing else would show that it was tried.
    return recordRun(davit, request, {
      ...work.run,
      module: work.module,
      work: async () => {
        throw failure;
      },
    });
  }
}

/**
 * Puts a module right that a killed run left in the middle, in a twin where its data can't be seen from here; nothing where a run
 * has the module's lock.
 */
export async function settleLeft(davit: Davit, module: string, reporter: HoldReporter): Promise<void> {
  if (davit.runs.isLocked(module)) return;
  const request: FlowRequest = { trigger: "cli", signal: new AbortController().signal };
  const told = await throughTwin(davit, request, {
    module,
    verb: "settle",
    words: [module],
    run: null,
    paths: () => touchedFolders(davit, module),
    writable: true,
    read: (answer) => settled.parse(answer),
  });
  if (told === null) await davit.runs.whileFree(module, () => settleModule(davit, module, reporter));
  else for (const { message, hint } of told.warnings) reporter.warning(message, hint);
}

const settled = z.strictObject({
  warnings: z.array(z.strictObject({ message: z.string(), hint: z.string().optional() })),
});

/** After a twin that ended in the middle. What can't be put right now is told, and tried again at the next start. */
async function putRight(davit: Davit, module: string, reporter: RunReporter | undefined): Promise<void> {
  const warning = (message: string, hint?: string): void => reporter?.warning(message, hint);
  const output = (source: string, line: string): void => reporter?.output(source, line);
  try {
    await settleLeft(davit, module, { warning, output });
    await davit.vault.sweepPartials((one) => one !== module || davit.runs.isLocked(one));
    await davit.runs.markInterrupted();
  } catch (thrown) {
    const { message, hint } = asFailure(thrown);
    warning(message, hint);
  }
}
