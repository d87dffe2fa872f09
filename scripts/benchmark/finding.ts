import { table } from "./table.ts";
import type { Measurements, Target } from "./target.ts";

/** What one part of the benchmark found. */
export interface Finding {
  title: string;
  /** In the order in which they are shown; the first one is what the others are compared with. */
  measurements: Measurements;
  targets: readonly Target[];
}

/** A finding as Markdown, the way docs/performance.md has it. */
export function findingText({ title, measurements, targets }: Finding): string {
  const first = [...measurements.values()][0]?.seconds ?? 0;
  const rows = [...measurements].map(([name, { seconds, cpuSeconds, bytes, peakBytes }]) => [
    name,
    `${seconds.toFixed(2)} s`,
    (seconds / first).toFixed(2),
    `${cpuSeconds.toFixed(1)} s`,
    megabytes(bytes),
    megabytes(peakBytes),
  ]);
  const lines = [`## ${title}`, "", ...table(["", "time", "ratio", "CPU", "size", "peak memory"], rows)];
  if (targets.length === 0) return lines.join("\n");
  const reached = targets.map(({ what, figure, met }) => [what, figure, met ? "met" : "missed"]);
  return [...lines, "", ...table(["target", "figure", ""], reached)].join("\n");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
