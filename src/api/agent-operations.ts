import type { Readable } from "node:stream";
import type { MachineJob, MachineStatus } from "../contract/machine.ts";
import type { RunEvent, RunSummary } from "../contract/run-event.ts";

interface RunPlace {
  machine: string;
  run: string;
}

/** What the panel can ask of the agent on the physical host. Each throws `unreachable` where it does not answer. */
export interface AgentOperations {
  /** `host:port`, for people. */
  readonly address: string;
  machines(signal: AbortSignal): Promise<MachineStatus[]>;
  /** Starts a job; gives its run's id. */
  startJob(machine: string, job: MachineJob, signal: AbortSignal): Promise<string>;
  /** Newest first. */
  runs(machine: string, limit: number, signal: AbortSignal): Promise<RunSummary[]>;
  /** The events of a run above `after`; where there are none, it waits so many seconds for some. */
  runEvents(
    place: RunPlace,
    after: number,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<{ events: RunEvent[]; ended: boolean }>;
  followRun(place: RunPlace, after: number, signal: AbortSignal): AsyncIterable<RunEvent>;
  /** The picture of a point's last boot drill (PNG). */
  screenshot(machine: string, chain: string, point: string, signal: AbortSignal): Promise<Readable>;
}
