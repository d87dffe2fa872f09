import type { RunKind, RunOutcome, RunReporter, RunTrigger } from "../contract/run-event.ts";
import type { Failure } from "../failure/failure.ts";

export interface RunRequest {
  /** As `newId` gave it; a new one where it is not given. */
  id?: string;
  kind: RunKind;
  module: string;
  /** The backup that the run works on, where it exists already. */
  backup?: string | null;
  trigger: RunTrigger;
  /** Whether the run is to end as soon as another one, of whatever process, wants the module. */
  givesWay?: boolean;
}

export interface Run extends RunReporter {
  readonly id: string;
  /** Aborts when the run has to give way; never, for one that need not. */
  readonly wanted: AbortSignal;
  /** Writes the end and lets the module's lock go, in any case; a second call does nothing. */
  end(outcome: RunOutcome, more?: { backup?: string | null; failure?: Failure | null }): Promise<void>;
}
