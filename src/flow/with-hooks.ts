import { backupId } from "../contract/backup-id.ts";
import type { Manifest } from "../contract/manifest.ts";
import { asFailure, Failure, withCleanup } from "../failure/failure.ts";
import { runAfterHooks, runBeforeHooks } from "../hold/run-hooks.ts";
import type { HoldContext } from "./while-held.ts";

/**
 * A backup's work with the module's hooks around it: those before the hold first, those after it once `work` has sealed the
 * backup or has failed. Where one of the latter fails, the backup stays, which the Failure says.
 */
export function withHooks(context: HoldContext, work: () => Promise<Manifest>): () => Promise<Manifest> {
  const { davit, module, reporter, signal } = context;
  const run = { docker: davit.docker, module, reporter };
  let sealed: Manifest | null = null;
  const before = async (): Promise<Manifest> => {
    if (module.containers.some((one) => one.hooks["before-hold"] !== undefined)) reporter.stage("before-hold");
    await runBeforeHooks({ ...run, signal });
    sealed = await work();
    return sealed;
  };
  const after = async (): Promise<void> => {
    if (module.containers.some((one) => one.hooks.after !== undefined)) reporter.stage("after");
    // Also after a run that was cancelled: who was told to begin is told that it is over.
    await runAfterHooks({ ...run, signal: new AbortController().signal }).catch((error: unknown) => {
      throw sealed === null ? error : afterSeal(sealed, asFailure(error));
    });
  };
  return () => withCleanup(before, after);
}

function afterSeal({ module, time }: Manifest, cause: Failure): Failure {
  const { kind, message, hint } = cause;
  return new Failure(kind, `${backupId(module, time)} is sealed and stays, but ${message}`, {
    ...(hint !== undefined && { hint }),
    cause,
  });
}
