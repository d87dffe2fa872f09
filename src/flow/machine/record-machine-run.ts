import type { FlowRequest } from "../flow-request.ts";
import { recordWork, type RunWork } from "../record-work.ts";
import type { Host } from "./host.ts";
import { settleMachine } from "./settle-machine.ts";

/** Does one piece of work on a machine as a run, whose module is the machine's name; see `recordWork`. */
export async function recordMachineRun<T>(host: Host, request: FlowRequest, task: RunWork<T>): Promise<T> {
  const { runs, slots } = host;
  return recordWork(
    { runs, slots, settle: (machine, reporter) => settleMachine(host, machine, reporter) },
    request,
    task,
  );
}
