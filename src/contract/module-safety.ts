import type { Evidence } from "./manifest.ts";
import type { OverviewModule } from "./overview.ts";

/**
 * How safe a module's data is: `unsafe` where it is not, or nobody knows; `look` where it is, but a person should have a look;
 * `gone` for one that the host has no more.
 */
export type ModuleSafety = "safe" | "look" | "unsafe" | "gone";

/** The worst that can be said of a module. What has the panel's own words says the same. */
export function moduleSafety(module: OverviewModule): ModuleSafety {
  if (module.gone) return "gone";
  if (isUnsafe(module)) return "unsafe";
  return wantsLook(module) ? "look" : "safe";
}

function isUnsafe(module: OverviewModule): boolean {
  const { last, lastRun, warnings } = module;
  if (warnings.some((one) => one.severity === "error") || module.unanswered.length > 0) return true;
  if (lastRun?.outcome === "failed" || lastRun?.outcome === "interrupted" || last === null) return true;
  const failed = failedProof(last.evidence);
  return failed === "verified" || failed === "drilled" || module.newestProblem !== null || module.overdueSince !== null;
}

function wantsLook(module: OverviewModule): boolean {
  const { last, lastRun, warnings } = module;
  // Who chose davit.hold=live knows, and need not be told every day.
  const isInconsistent = last?.consistent === false && module.hold !== "live";
  const isUncopied = last !== null && failedProof(last.evidence) !== null;
  const isWarned = warnings.some((one) => one.severity === "warning");
  return module.damaged.length > 0 || isInconsistent || isUncopied || isWarned || lastRun?.outcome === "cancelled";
}

/** The kind of the newest evidence that speaks against a backup: of its kind the last, and not ok. */
function failedProof(evidence: readonly Evidence[]): Evidence["kind"] | null {
  const isLast = (at: number): boolean => evidence.slice(at + 1).every((one) => one.kind !== evidence[at]?.kind);
  return evidence.findLast((one, at) => !one.ok && isLast(at))?.kind ?? null;
}
