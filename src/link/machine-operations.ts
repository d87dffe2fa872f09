import type { MachineJob, MachineStatus } from "../contract/machine.ts";
import type { RunEvent, RunSummary } from "../contract/run-event.ts";

/** What the agent lets a sidecar do with its machines; the link's server has nothing else in hand. */
export interface MachineOperations {
  /** The machines of the agent's configuration. */
  machines(): Promise<MachineStatus[]>;
  /** Starts a job and gives its run's id once its log is open; a `busy` Failure where another run has the machine. */
  start(machine: string, job: MachineJob): Promise<string>;
  /** Newest first. */
  runs(machine: string, limit: number): Promise<RunSummary[]>;
  /** The events of a run above `after`; a `missing` Failure where there is no such run. */
  runEvents(run: string, after: number): Promise<RunEvent[]>;
  /** The events above `after` as they happen; ends with the run, or quietly with the signal. */
  followRun(run: string, after: number, signal: AbortSignal): AsyncIterable<RunEvent>;
  /** The file with the picture of a point's last boot drill (PNG); null where there is none. */
  screenshot(machine: string, chain: string, point: string): Promise<string | null>;
}
