import { setMaxListeners } from "node:events";
import type { MachineJob } from "../../contract/machine.ts";
import type { RunTrigger } from "../../contract/run-event.ts";
import type { FlowRequest } from "../../flow/flow-request.ts";
import { doMachineJob } from "../../flow/machine/do-machine-job.ts";
import { findMachine } from "../../flow/machine/find-machine.ts";
import type { Host } from "../../flow/machine/host.ts";
import { verifyPoint } from "../../flow/machine/verify-point.ts";
import { findScreenshot } from "../../machine/find-screenshot.ts";
import type { MachineOperations } from "../machine-operations.ts";
import { machineStatuses } from "./machine-statuses.ts";

/** The agent's runs: what the link can ask, and what the schedule starts. */
export interface HostOperations extends MachineOperations {
  /** Does what is due; resolves when that is done, rejects where it fails. */
  runWhenDue(machine: string, job: MachineJob, trigger: RunTrigger): Promise<void>;
  /** Verifies a point, and all that it builds on, because it is its turn; gives way to every other run of its machine. */
  verifyInTurn(point: string): Promise<void>;
  /** Resolves once no run that the link started goes on any more. */
  idle(): Promise<void>;
}

/** What the link can ask, done by the flows. Runs that it starts go on by themselves, until `signal` ends them. */
export function createHostOperations(host: Host, signal: AbortSignal): HostOperations {
  const going = new Set<Promise<unknown>>();
  setMaxListeners(0, signal);

  const start = async (machine: string, job: MachineJob): Promise<string> => {
    findMachine(host, machine);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const request: FlowRequest = { trigger: "api", signal, onRun: resolve };
    const done = doMachineJob(host, machine, job, request)
      .catch(reject) // once the run has its id, its failure stands in its log
      .finally(() => going.delete(done));
    going.add(done);
    return promise;
  };
  return {
    machines: async () => machineStatuses(host, signal),
    start,
    runs: async (machine, limit) => host.runs.list({ module: machine, limit }),
    runEvents: async (run, after) => host.runs.read(run, after),
    followRun: (run, after, until) => host.runs.follow(run, after, until),
    screenshot: async (machine, chain, point) => findScreenshot(host.vault.folder(`${machine}/${chain}/${point}`)),
    runWhenDue: async (machine, job, trigger) => doMachineJob(host, machine, job, { trigger, signal }),
    verifyInTurn: async (point) => {
      const manner = { rate: host.config.verifyRate, givesWay: true };
      await verifyPoint(host, point, { trigger: "schedule", signal }, manner);
    },
    idle: async () => void (await Promise.allSettled(going)),
  };
}
