import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";
import { recordWork, type RunWork } from "./record-work.ts";
import { settleModule } from "./settle-module.ts";

/** Does one piece of work on a module as a run; see `recordWork`. */
export async function recordRun<T>(davit: Davit, request: FlowRequest, task: RunWork<T>): Promise<T> {
  const { runs, slots } = davit;
  return recordWork(
    { runs, slots, settle: (module, reporter) => settleModule(davit, module, reporter) },
    request,
    task,
  );
}
