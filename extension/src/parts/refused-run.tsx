import { type ReactElement, useEffect, useState } from "react";
import type { Starting } from "../data/use-started-run.ts";
import { useRun } from "../data/use-run.ts";
import { Notice } from "./notice.tsx";

interface RefusedRunProps {
  starting: Starting;
  /** Where the run's route lies; that of this Davit's own runs where it is not given. */
  routes?: string;
}

/** Tells why a run was not started, or how the one that was has failed, until it is closed. */
export function RefusedRun({ starting, routes }: RefusedRunProps): ReactElement {
  const { failure, run, forget } = starting;
  const now = useRun(run, routes);
  const [closed, setClosed] = useState<unknown>(null);
  useEffect(() => {
    if (now.outcome === "ok") forget();
  }, [now.outcome, forget]);
  const told = failure ?? now.failure;
  return <Notice failure={told === closed ? null : told} onClose={() => setClosed(told)} />;
}
