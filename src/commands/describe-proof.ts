import type { Evidence } from "../contract/manifest.ts";
import { formatAge } from "./format-age.ts";

/** How far up the ladder of proof a backup is: `sealed, verified 3 d ago`, `sealed, NOT verified 3 d ago: …`. */
export function describeProof(evidence: readonly Evidence[], now: Date): string {
  const rungs = (["verified", "drilled", "copied"] as const).flatMap((kind) => {
    const last = evidence.findLast((one) => one.kind === kind);
    if (last === undefined) return [];
    const detail = last.ok || last.detail === undefined ? "" : `: ${last.detail}`;
    return [`${last.ok ? "" : "NOT "}${kind} ${formatAge(new Date(last.at), now)}${detail}`];
  });
  return ["sealed", ...rungs].join(", ");
}
