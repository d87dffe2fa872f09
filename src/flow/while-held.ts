import type { Module } from "../contract/module.ts";
import type { RunReporter } from "../contract/run-event.ts";
import { asFailure, withCleanup } from "../failure/failure.ts";
import { holdModule } from "../hold/hold-module.ts";
import type { Davit } from "./davit.ts";

/** How a hold went, for the manifest. Null where nothing was held. */
export interface HoldRecord {
  /** When the first container began to be held, … */
  began: Date | null;
  /** … all had come to rest, … */
  held: Date | null;
  /** … and all were let go. */
  released: Date | null;
  /** False where the time limit released the module before the work was done. */
  consistent: boolean;
}

export interface HoldContext {
  davit: Davit;
  module: Module;
  reporter: RunReporter;
  signal: AbortSignal;
}

/**
 * Holds a module while `work` goes on (with hold mode `live` nothing is done, and the result is null), and lets it go as soon as that ends, in whatever way, or when the module's time limit
 * is over: the work then goes on, and the record says that it is not consistent.
 */
export async function whileHeld<T>(
  context: HoldContext,
  work: () => Promise<T>,
): Promise<{ result: T | null; hold: HoldRecord }> {
  const { davit, module, reporter, signal } = context;
  const { hold: mode, holdTimeoutSeconds } = module.settings;
  if (mode === "live") {
    return { result: null, hold: { began: null, held: null, released: null, consistent: false } };
  }
  reporter.stage("hold");
  const hold = await holdModule({ docker: davit.docker, module, ledger: davit.ledger, mode, reporter, signal });
  let released: Date | null = null;
  let consistent = true;
  const release = async (): Promise<void> => {
    released ??= await hold.release();
  };
  const limit = setTimeout(() => {
    consistent = false;
    reporter.warning(
      `the hold reached its limit of ${holdTimeoutSeconds} s and was released; the backup is not consistent`,
      "raise davit.hold.timeout, exclude what need not be backed up, or use davit.hold=live",
    );
    release().catch((error: unknown) => reporter.warning(asFailure(error).message)); // tried again below
  }, holdTimeoutSeconds * 1000);
  const result = await withCleanup(work, async () => {
    clearTimeout(limit);
    await release();
  });
  return { result, hold: { began: hold.beganAt, held: hold.heldAt, released, consistent } };
}
