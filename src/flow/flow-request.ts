import type { RunReporter, RunTrigger } from "../contract/run-event.ts";

/** How a flow was asked for, and who listens. */
export interface FlowRequest {
  trigger: RunTrigger;
  /** The id that the run is to have; a new one where it is not given. */
  run?: string;
  signal: AbortSignal;
  /** Told the run's id once its log is open. */
  onRun?: (run: string) => void;
  /** Listens beside the run's log. */
  reporter?: RunReporter;
}
