import Snackbar from "@mui/material/Snackbar";
import { type ReactElement, useEffect, useState } from "react";
import type { Starting } from "../data/use-started-run.ts";
import { useRun } from "../data/use-run.ts";
import { ApiFailure } from "../transport/transport.ts";
import { Problem } from "./problem.tsx";

/** Tells why a run was not started, or how the one that was has failed, until it is closed. */
export function RefusedRun({ starting }: { starting: Starting }): ReactElement {
  const { failure, run, forget } = starting;
  const now = useRun(run);
  const [closed, setClosed] = useState<unknown>(null);
  const failed = now.failure === null ? null : new ApiFailure("failed", now.failure.message, now.failure.hint ?? null);
  const shown = failure ?? failed;
  useEffect(() => {
    if (now.outcome === "ok") forget();
  }, [now.outcome, forget]);
  const what = failure ?? now.failure;
  return (
    <Snackbar open={shown !== null && closed !== what} anchorOrigin={{ vertical: "bottom", horizontal: "center" }}>
      <div>{shown !== null && <Problem failure={shown} onClose={() => setClosed(what)} />}</div>
    </Snackbar>
  );
}
