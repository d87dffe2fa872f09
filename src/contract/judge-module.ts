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

/** Something that can be said of a module. */
export interface Finding {
  state: ModuleState;
  /** What was found and what to do, in Davit's words, where more is known than the state's name says. */
  because?: string | undefined;
  hint?: string | undefined;
}

export interface Judgement extends Finding {
  safety: ModuleSafety;
}

/** The worst that can be said of a module. Pure; the panel, its tile and the metrics all ask this. */
export function judgeModule(module: OverviewModule): Judgement {
  const found: Finding = findingsOf(module)[0] ?? { state: "safe" };
  return { ...found, safety: safeties[found.state] };
}

/** All that speaks against a module, the worst first; nothing of one that is safe. Pure. */
export function findingsOf(module: OverviewModule): Finding[] {
  const { last, lastRun, warnings } = module;
  if (module.gone) return [{ state: "gone" }];
  const found: Finding[] = [];
  const add = (when: boolean, finding: Finding): void => void (when && found.push(finding));
  const error = warnings.find((one) => one.severity === "error");
  if (error !== undefined) found.push({ state: "not-usable", because: error.message, hint: error.hint });
  const [odd] = module.unanswered;
  if (odd !== undefined) found.push({ state: "lost-data", because: odd.anomalies[0]?.message });
  const { message, hint } = lastRun?.failure ?? {};
  add(lastRun?.outcome === "failed", { state: "run-failed", because: message, hint });
  add(lastRun?.outcome === "interrupted", { state: "run-interrupted" });
  add(last === null, { state: module.backups === 0 ? "never" : "none-usable" });
  const failed = failedProof(last?.evidence ?? []);
  add(failed?.kind === "verified", { state: "damaged", because: failed?.detail });
  add(failed?.kind === "drilled", { state: "drill-failed", because: failed?.detail });
  if (module.newestProblem !== null && last !== null)
    found.push({ state: "newest-unusable", because: module.newestProblem });
  add(module.overdueSince !== null, { state: "overdue" });
  const [damaged] = module.damaged;
  if (damaged !== undefined) found.push({ state: "older-damaged", because: damaged });
  // Who chose davit.hold=live knows, and need not be told every day.
  add(last?.consistent === false && module.hold !== "live", { state: "inconsistent" });
  add(lastRun?.outcome === "cancelled", { state: "run-cancelled" });
  add(failed?.kind === "copied", { state: "not-copied", because: failed?.detail });
  const warning = warnings.find((one) => one.severity === "warning");
  if (warning !== undefined) found.push({ state: "warning", because: warning.message, hint: warning.hint });
  return found;
}

/** The evidence that speaks against a backup: of its kind the last, and not ok. */
function failedProof(evidence: readonly Evidence[]): Evidence | null {
  const isLast = (at: number): boolean => evidence.slice(at + 1).every((one) => one.kind !== evidence[at]?.kind);
  return evidence.findLast((one, at) => !one.ok && isLast(at)) ?? null;
}
