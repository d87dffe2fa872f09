import type { Evidence } from "../contract/manifest.ts";
import { formatAge } from "./format-age.ts";
import { formatDuration } from "./format-amounts.ts";

/** How far up the ladder of proof a backup is: `sealed, verified 3 d ago`, `sealed, NOT verified 3 d ago: …`. */
export function describeProof(evidence: readonly Evidence[], now: Date): string {
  const rungs = (["verified", "drilled", "copied"] as const).flatMap((kind) => {
    const last = evidence.findLast((one) => one.kind === kind);
    if (last === undefined) return [];
    const { at, ok, detail } = last;
    const age = formatAge(new Date(at), now);
    if (!ok) return [`NOT ${kind} ${age}${detail === undefined ? "" : `: ${detail}`}`];
    return [`${kind} ${age}${kind === "drilled" ? recovery(last) : ""}`];
  });
  return ["sealed", ...rungs].join(", ");
}

function recovery({ ms, findings = [] }: Evidence): string {
  const found =
    findings.length === 0 ? "" : findings.length === 1 ? " with 1 finding" : ` with ${findings.length} findings`;
  return `, recovered in ${formatDuration(ms)}${found}`;
}
