import type { Evidence } from "./manifest.ts";
import type { OverviewModule } from "./overview.ts";

/**
 * How safe a module's data is: `unsafe` where it is not, or nobody knows; `look` where it is, but a person should have a look;
 * `gone` for one that the host has no more.
 */
export type ModuleSafety = "safe" | "look" | "unsafe" | "gone";

/** What can be said of a module, the worst first, and how safe its data is then. */
const safeties = {
  gone: "gone",
  "not-usable": "unsafe",
  "lost-data": "unsafe",
  "run-failed": "unsafe",
  "run-interrupted": "unsafe",
  never: "unsafe",
  "none-usable": "unsafe",
  damaged: "unsafe",
  "drill-failed": "unsafe",
  "newest-unusable": "unsafe",
  overdue: "unsafe",
  "older-damaged": "look",
  inconsistent: "look",
  "run-cancelled": "look",
  "not-copied": "look",
  warning: "look",
  safe: "safe",
} as const satisfies Record<string, ModuleSafety>;
export type ModuleState = keyof typeof safeties;

export interface Judgement {
  state: ModuleState;
  safety: ModuleSafety;
  /** What was found and what to do, in Davit's words, where more is known than the state's name says. */
  because?: string | undefined;
  hint?: string | undefined;
}

/** The worst that can be said of a module. Pure; the panel, its tile and the metrics all ask this. */
export function judgeModule(module: OverviewModule): Judgement {
  const found = findState(module);
  return { ...found, safety: safeties[found.state] };
}

function findState(module: OverviewModule): Omit<Judgement, "safety"> {
  const { last, lastRun, warnings } = module;
  if (module.gone) return { state: "gone" };
  const error = warnings.find((one) => one.severity === "error");
  if (error !== undefined) return { state: "not-usable", because: error.message, hint: error.hint };
  const [odd] = module.unanswered;
  if (odd !== undefined) return { state: "lost-data", because: odd.anomalies[0]?.message };
  if (lastRun?.outcome === "failed")
    return { state: "run-failed", because: lastRun.failure?.message, hint: lastRun.failure?.hint };
  if (lastRun?.outcome === "interrupted") return { state: "run-interrupted" };
  if (last === null) return { state: module.backups === 0 ? "never" : "none-usable" };
  const failed = failedProof(last.evidence);
  if (failed?.kind === "verified") return { state: "damaged", because: failed.detail };
  if (failed?.kind === "drilled") return { state: "drill-failed", because: failed.detail };
  if (module.newestProblem !== null) return { state: "newest-unusable", because: module.newestProblem };
  if (module.overdueSince !== null) return { state: "overdue" };
  const [damaged] = module.damaged;
  if (damaged !== undefined) return { state: "older-damaged", because: damaged };
  // Who chose davit.hold=live knows, and need not be told every day.
  if (last.consistent === false && module.hold !== "live") return { state: "inconsistent" };
  if (lastRun?.outcome === "cancelled") return { state: "run-cancelled" };
  if (failed !== null) return { state: "not-copied", because: failed.detail };
  const warning = warnings.find((one) => one.severity === "warning");
  if (warning !== undefined) return { state: "warning", because: warning.message, hint: warning.hint };
  return { state: "safe" };
}

/** The evidence that speaks against a backup: of its kind the last, and not ok. */
function failedProof(evidence: readonly Evidence[]): Evidence | null {
  const isLast = (at: number): boolean => evidence.slice(at + 1).every((one) => one.kind !== evidence[at]?.kind);
  return evidence.findLast((one, at) => !one.ok && isLast(at)) ?? null;
}
