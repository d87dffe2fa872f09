import { useState } from "react";
import type { ApiFailure } from "../transport/transport.ts";
import { useChange } from "./queries.ts";

/** Something that starts a run: what it is now, and what kept it from starting. */
export interface Starting {
  start(path: string, body?: unknown): void;
  /** The run that was started last; null for none. */
  run: string | null;
  forget(): void;
  isPending: boolean;
  failure: ApiFailure | null;
}

/** For buttons that start runs. */
export function useStartedRun(): Starting {
  const change = useChange<{ run: string }>();
  const [run, setRun] = useState<string | null>(null);
  return {
    start: (path, body) => change.mutate({ path, body }, { onSuccess: (answer) => setRun(answer.run) }),
    run,
    forget: () => setRun(null),
    isPending: change.isPending,
    failure: change.error,
  };
}
