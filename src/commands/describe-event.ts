import type { RunEvent } from "../contract/run-event.ts";
import { formatBytes } from "./format-amounts.ts";

/** One event of a run on one line: when, and what happened. */
export function describeEvent(event: RunEvent, wallTime: (ms: number) => string): string {
  return `${wallTime(Date.parse(event.at))}  ${what(event)}`;
}

function what(event: RunEvent): string {
  switch (event.type) {
    case "started":
      return `${event.kind} of ${event.backup ?? event.module} started by ${event.trigger}`;
    case "stage":
      return `stage ${event.stage}`;
    case "progress":
      return `  ${event.progress.entries} entries, ${formatBytes(event.progress.bytes)}`;
    case "warning":
      return withHint(`warning: ${event.message}`, event.hint);
    case "output":
      return `  ${event.source}: ${event.line}`;
    case "ended": {
      const backup = event.backup === null ? "" : `: ${event.backup}`;
      if (event.failure === null) return `ended ${event.outcome}${backup}`;
      return withHint(`ended ${event.outcome}: ${event.failure.message}`, event.failure.hint);
    }
  }
}

function withHint(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message}\n${" ".repeat(21)}  hint: ${hint}`;
}
