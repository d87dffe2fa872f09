import { table } from "../table.ts";
import type { VmFinding } from "./measure-vm.ts";
import type { VmOptions } from "./vm-options.ts";

/** How much longer an increment of the largest disk may take than one of the smallest. */
const mostGrowth = 1.5;

/** The findings as Markdown, the way docs/performance.md has them. */
export function vmText({ disks, changed }: VmOptions, findings: readonly VmFinding[]): string {
  const rows = findings.map((one) => [
    one.method,
    `${one.diskMiB} MiB`,
    seconds(one.full),
    mebibytes(one.fullBytes),
    seconds(one.next),
    mebibytes(one.nextBytes),
    one.paused === null ? "" : `${Math.round(one.paused)} ms`,
  ]);
  const own = findings.filter((one) => one.method === findings[0]?.method);
  const growth = (own.at(-1)?.next ?? NaN) / (own[0]?.next ?? NaN);
  const size = (disks.at(-1) ?? NaN) / (disks[0] ?? NaN);
  return [
    `## Machines: disks half full of noise, ${changed} MiB changed between two backups`,
    "",
    ...table(["", "disk", "full", "takes", "what changed", "takes", "paused"], rows),
    "",
    ...table(
      ["target", "figure", ""],
      [
        [
          `an increment's cost follows what changed: at most ${mostGrowth} times as long with a disk ${size} times as large`,
          growth.toFixed(2),
          growth <= mostGrowth ? "met" : "missed",
        ],
      ],
    ),
  ].join("\n");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
