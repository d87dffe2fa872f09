import type { RunKind, RunReporter } from "../contract/run-event.ts";
import { asFailure } from "../failure/failure.ts";
import type { Davit, FlowRequest } from "./davit.ts";
import { settleModule } from "./settle-module.ts";

export interface RunWork<T> {
  kind: RunKind;
  module: string;
  /** The backup that the work is on, where it exists already. */
  backup?: string;
  work(reporter: RunReporter): Promise<T>;
  /** The id of the backup that the work made. */
  made?(result: T): string;
}

/**
 * Does one piece of work as a run: one slot, the module's lock, a log that has its start, every stage and its end. What an
 * earlier run left in the middle is put right first. Whatever the work throws is thrown on, as a Failure, once it is in the log.
 */
export async function recordRun<T>(davit: Davit, request: FlowRequest, task: RunWork<T>): Promise<T> {
  return davit.slots(async () => {
    const { kind, module, backup } = task;
    const run = await davit.runs.start({ kind, module, trigger: request.trigger, ...(backup && { backup }) });
    try {
      request.onRun?.(run.id);
      const reporter = both(run, request.reporter);
      await settleModule(davit, module, reporter);
      const result = await task.work(reporter);
      const made = task.made?.(result) ?? backup;
      await run.end("ok", made === undefined ? {} : { backup: made });
      return result;
    } catch (error) {
      const failure = asFailure(error);
      await run.end(failure.kind === "cancelled" ? "cancelled" : "failed", { failure });
      throw failure;
    }
  }, request.signal);
}

function both(first: RunReporter, second: RunReporter | undefined): RunReporter {
  if (second === undefined) return first;
  return {
    stage(name) {
      first.stage(name);
      second.stage(name);
    },
    progress(now) {
      first.progress(now);
      second.progress(now);
    },
    warning(message, hint) {
      first.warning(message, hint);
      second.warning(message, hint);
    },
  };
}
