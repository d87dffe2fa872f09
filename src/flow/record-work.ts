import type { RunKind, RunReporter } from "../contract/run-event.ts";
import { asFailure } from "../failure/failure.ts";
import type { Slots } from "../runs/limit-parallel.ts";
import type { Runs } from "../runs/open-runs.ts";
import type { FlowRequest } from "./flow-request.ts";

export interface RunWork<T> {
  kind: RunKind;
  /** The module's name, or the machine's. */
  module: string;
  /** The backup that the work is on, where it exists already. */
  backup?: string;
  /**
   * Whether it ends as soon as another run wants the module. It takes no slot, so that no other module waits for it either;
   * whoever starts it sees to it that it is the only one.
   */
  givesWay?: boolean;
  /** The signal is the request's; that of a run that gives way aborts when somebody else wants the module as well. */
  work(reporter: RunReporter, signal: AbortSignal, run: string): Promise<T>;
  /** The id of the backup that the work made. */
  made?(result: T): string;
}

export interface Recorder {
  runs: Runs;
  slots: Slots;
  /** Puts right what an earlier run, which was killed, left in the middle. */
  settle(module: string, reporter: RunReporter): Promise<void>;
}

/**
 * Does one piece of work as a run: the lock of its module or machine, a log that has its start, every stage and its end, and a
 * slot, which it may have to wait for. What an earlier run left in the middle is put right first. Whatever the work throws is
 * thrown on, as a Failure, once it is in the log.
 */
export async function recordWork<T>(recorder: Recorder, request: FlowRequest, task: RunWork<T>): Promise<T> {
  const { kind, module, backup, givesWay = false } = task;
  const { trigger, run: id } = request;
  const run = await recorder.runs.start({
    kind,
    module,
    trigger,
    givesWay,
    ...(backup !== undefined && { backup }),
    ...(id !== undefined && { id }),
  });
  try {
    request.onRun?.(run.id);
    const reporter = both(run, request.reporter);
    const signal = givesWay ? AbortSignal.any([request.signal, run.wanted]) : request.signal;
    const work = async (): Promise<T> => {
      await recorder.settle(module, reporter);
      return task.work(reporter, signal, run.id);
    };
    const result = givesWay ? await work() : await recorder.slots(work, signal, () => reporter.stage("wait"));
    const made = task.made?.(result) ?? backup;
    await run.end("ok", made === undefined ? {} : { backup: made });
    return result;
  } catch (error) {
    const failure = asFailure(error);
    await run.end(failure.kind === "cancelled" ? "cancelled" : "failed", { failure });
    throw failure;
  }
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
    output(source, line) {
      first.output(source, line);
      second.output(source, line);
    },
  };
}
