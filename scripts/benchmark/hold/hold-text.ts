import { table } from "../table.ts";
import type { HoldOptions } from "./hold-options.ts";
import type { HoldFindings } from "./measure-holds.ts";
import type { Latencies } from "./start-load.ts";

/** How many times shorter than stopping all Davit's hold is to be. */
const timesShorter = 50;
/** What it may take besides reading what changed, in ms. */
const allowance = 2000;

/** The findings as Markdown, the way docs/performance.md has them. */
export function holdText({ database, files, rate }: HoldOptions, { calm, methods, floor }: HoldFindings): string {
  const own = methods[0]?.hold ?? NaN;
  const rows = methods.map(({ name, hold, whole, latencies }) => [
    name,
    seconds(hold),
    (hold / own).toFixed(1),
    seconds(whole),
    ...clientColumns(latencies),
  ]);
  const head = ["", "hold", "ratio", "whole backup", "write p50", "write p99", "write max", "longest gap"];
  const stopped = methods.at(-1)?.hold ?? NaN;
  const targets = [
    [
      `a hold at least ${timesShorter} times shorter than stop, tar czf, start`,
      (stopped / own).toFixed(1),
      stopped / own >= timesShorter ? "met" : "missed",
    ],
    [
      `a hold of less than ${seconds(allowance)} plus the time to read what changed`,
      `${seconds(own)} of ${seconds(allowance + floor.ms)}`,
      own < allowance + floor.ms ? "met" : "missed",
    ],
  ];
  return [
    `## Hold: PostgreSQL of ${database} MiB at ${rate} commits a second, and ${files} files of which 1 % change`,
    "",
    ...table(head, [...rows, ["nothing backed up", "", "", "", ...clientColumns(calm)]]),
    "",
    ...methods.flatMap(({ name, notes }) => notes.map((note) => `- ${name}: ${note}`)),
    `- To read what changed (${floor.files} files, ${(floor.bytes / 1e6).toFixed(1)} MB) with cat: ${seconds(floor.ms)}`,
    "",
    ...table(["target", "figure", ""], targets),
  ].join("\n");
}

function clientColumns({ p50, p99, max, longestGap }: Latencies): string[] {
  return [p50, p99, max, longestGap].map((ms) => (ms < 1000 ? `${ms.toFixed(1)} ms` : seconds(ms)));
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
