import { parseBackupTime } from "../contract/backup-id.ts";
import type { MachineStatus, PointSummary } from "../contract/machine.ts";
import { describeProof } from "./describe-proof.ts";
import { formatAge } from "./format-age.ts";
import { formatBytes, formatDuration } from "./format-amounts.ts";

/** A machine with its newest point and what is next, on a few lines. */
export function describeMachine(
  { name, settings, state, problem, points, next, warnings }: MachineStatus,
  now: Date,
): string {
  const chains = new Set(points.map((one) => one.chain)).size;
  const newest = points.find((one) => one.problem === null) ?? null;
  const coming = [
    ["incremental", next.incremental],
    ["full", next.full],
    ["drill", next.drill],
  ].flatMap(([what, at]) => (typeof at === "string" ? [`${what} ${formatAge(new Date(at), now)}`] : []));
  const rows = [
    ["domain", `${settings.domain} (${state ?? "unknown"})`],
    ...(problem === null ? [] : [["PROBLEM", problem]]),
    ["points", `${points.length} in ${chains} ${chains === 1 ? "chain" : "chains"}`],
    [
      "newest",
      newest === null ? `none yet: \`davit machine backup ${name}\` makes the first` : describeNewest(newest, now),
    ],
    ["next", coming.length === 0 ? "nothing is scheduled" : coming.join(", ")],
    ...warnings.map(({ severity, message, hint }) => [severity, hint === undefined ? message : `${message}; ${hint}`]),
  ];
  return [name, ...rows.map(([label = "", text = ""]) => `  ${label.padEnd(8)}  ${text}`)].join("\n");
}

function describeNewest({ time, evidence }: PointSummary, now: Date): string {
  return `${time}, ${formatAge(parseBackupTime(time), now)}, ${describeProof(evidence, now)}`;
}

export const pointColumns = ["POINT", "AGE", "TYPE", "SIZE", "AT REST", "PROOF"];

/** A point as a row of a table. */
export function describePoint({ id, time, manifest, evidence, problem }: PointSummary, now: Date): string[] {
  const age = formatAge(parseBackupTime(time), now);
  const proof = problem === null ? describeProof(evidence, now) : `PROBLEM: ${problem}`;
  if (manifest === null) return [id, age, "?", "?", "?", proof];
  const bytes = manifest.disks.reduce((sum, one) => sum + one.bytes, 0);
  const { ms, used } = manifest.quiesce;
  const rest = used.length === 0 ? "no" : `${used.join(", ")}${ms === null ? "" : `, ${formatDuration(ms)}`}`;
  return [id, age, manifest.type, formatBytes(bytes), rest, proof];
}
