import type { ReactElement } from "react";
import { counted, size } from "../amounts.ts";
import { remaining, useRun } from "../data/use-run.ts";
import { words } from "../words.ts";
import "./live-run.css";

interface LiveRunProps {
  run: string;
  /** Where the run's route lies; that of this Davit's own runs where it is not given. */
  routes?: string;
}

/** A run that goes on: its stage, how far it is, and when it will be done; nothing once it has ended. */
export function LiveRun({ run, routes }: LiveRunProps): ReactElement | null {
  const now = useRun(run, routes);
  if (now.outcome !== null) return null;
  const { progress } = now;
  const total = progress?.totalBytes ?? 0;
  const value = progress !== null && total > 0 ? Math.min(100, (progress.bytes / total) * 100) : null;
  const left = remaining(now);
  const amounts =
    progress === null
      ? []
      : [
          counted(progress.entries, "file"),
          total > 0 ? `${size(progress.bytes)} of ${size(total)}` : size(progress.bytes),
          ...(now.rate === null ? [] : [`${size(now.rate)}/s`]),
          ...(left === null ? [] : [left]),
        ];
  const kind = now.events.find((event) => event.type === "started")?.kind;
  const stage = words.stages[now.stage ?? "starting"] ?? now.stage ?? "";
  const what = kind === undefined ? stage : `${words.kinds[kind] ?? kind}: ${stage}`;
  return (
    <div className="live-run">
      <p className="small" role="status">
        {[what, ...amounts].join(" · ")}
      </p>
      {value === null ? <progress aria-label={what} /> : <progress aria-label={what} max={100} value={value} />}
    </div>
  );
}
