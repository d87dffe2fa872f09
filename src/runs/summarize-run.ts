import type { RunEvent, RunSummary } from "../contract/run-event.ts";
import type { RunIdParts } from "./run-id.ts";

/**
 * A run as lists show it, drawn from its events. A run without an end goes on where `goesOn`, else it was interrupted; one
 * whose first line is lost is described by its id.
 */
export function summarizeRun(parts: RunIdParts, events: readonly RunEvent[], goesOn: boolean): RunSummary {
  const started = events.find((event) => event.type === "started");
  const ended = events.find((event) => event.type === "ended");
  return {
    run: parts.id,
    kind: parts.kind,
    module: parts.module,
    trigger: started?.trigger ?? "cli",
    started: started?.at ?? parts.started.toISOString(),
    ended: ended?.at ?? null,
    outcome: ended?.outcome ?? (goesOn ? null : "interrupted"),
    backup: ended?.backup ?? started?.backup ?? null,
    stage: events.findLast((event) => event.type === "stage")?.stage ?? null,
    progress: events.findLast((event) => event.type === "progress")?.progress ?? null,
    failure: ended?.failure ?? null,
    warnings: events.filter((event) => event.type === "warning").length,
  };
}
