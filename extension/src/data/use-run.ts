import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Progress, RunEvent, RunOutcome } from "../../../src/contract/run-event.ts";
import { duration } from "../amounts.ts";
import { useHome } from "./home.ts";

/** A run as its events have told it so far. */
export interface RunNow {
  events: readonly RunEvent[];
  stage: string | null;
  progress: Progress | null;
  /** Bytes a second in this stage; null while unknown. */
  rate: number | null;
  outcome: RunOutcome | null;
  failure: { message: string; hint?: string | undefined } | null;
}

interface Following extends RunNow {
  /** The run that this is of. */
  run: string | null;
  first: { at: number; bytes: number } | null;
}

const nothing: Following = {
  run: null,
  events: [],
  stage: null,
  progress: null,
  rate: null,
  outcome: null,
  failure: null,
  first: null,
};
/** Lines that are kept of a run that prints a lot. */
const keptEvents = 2000;

/** Follows a run from its beginning, wherever it is by now, to its end; then everything else that is shown is asked anew. `routes` is where its route lies. */
export function useRun(run: string | null, routes = "/api/v1/runs"): RunNow {
  const { transport } = useHome();
  const queries = useQueryClient();
  const [now, setNow] = useState<Following>(nothing);
  useEffect(() => {
    if (run === null) return;
    const stop = new AbortController();
    setNow({ ...nothing, run });
    transport
      .follow(`${routes}/${run}`, 0, (events) => setNow((before) => events.reduce(take, before)), stop.signal)
      .then(async () => (stop.signal.aborted ? undefined : queries.invalidateQueries()))
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setNow((before) => ({ ...before, failure: { message: String(error) } }));
      });
    return () => stop.abort();
  }, [run, routes, transport, queries]);
  // A run that was asked for just now has none of what the one before it told.
  return now.run === run ? now : nothing;
}

function take(before: Following, event: RunEvent): Following {
  const isLine = event.type !== "progress";
  const now = isLine ? { ...before, events: [...before.events.slice(-keptEvents), event] } : before;
  switch (event.type) {
    case "stage":
      return { ...now, stage: event.stage, progress: null, rate: null, first: null };
    case "progress": {
      const { progress } = event;
      const at = new Date(event.at).getTime();
      const first = now.first ?? { at, bytes: progress.bytes };
      const seconds = (at - first.at) / 1000;
      return { ...now, progress, first, rate: seconds > 1 ? (progress.bytes - first.bytes) / seconds : null };
    }
    case "ended":
      return { ...now, outcome: event.outcome, failure: event.failure };
    default:
      return now;
  }
}

/** `1 min 5 s left`; null where nothing can be said yet. */
export function remaining({ progress, rate }: RunNow): string | null {
  const total = progress?.totalBytes ?? 0;
  if (progress === null || rate === null || rate <= 0 || total <= progress.bytes) return null;
  return `${duration(((total - progress.bytes) / rate) * 1000)} left`;
}
