import type { BackupRow } from "../../../src/contract/api.ts";
import type { OverviewModule } from "../../../src/contract/overview.ts";
import type { Tone } from "../parts/tone.tsx";
import { words } from "../words.ts";

type StateName = keyof typeof words.states;

/** How safe a module is: `bad` (its data is not safe), `warn` (have a look), `good`; `off` for one that is in the vault only. */
export interface ModuleState {
  tone: Tone;
  name: StateName;
  /** What was found, where more is known than the state's name says. */
  because: string | null;
  /** What to do next. */
  advice: string | null;
}

/** The worst that can be said of a module. */
export function moduleState(module: OverviewModule): ModuleState {
  const { last, lastRun, warnings } = module;
  if (module.gone) return state("off", "gone");
  const error = warnings.find((one) => one.severity === "error");
  if (error !== undefined) return state("bad", "not-usable", error.message, error.hint);
  const [odd] = module.unanswered;
  if (odd !== undefined) return state("bad", "lost-data", odd.anomalies[0]?.message);
  if (lastRun?.outcome === "failed") return state("bad", "run-failed", lastRun.failure?.message, lastRun.failure?.hint);
  if (lastRun?.outcome === "interrupted") return state("bad", "run-interrupted");
  if (last === null) return state("bad", module.backups === 0 ? "never" : "none-usable");
  const failed = failedProof(last);
  if (failed?.kind === "verified") return state("bad", "damaged", failed.detail);
  if (failed?.kind === "drilled") return state("bad", "drill-failed", failed.detail);
  if (module.newestProblem !== null) return state("bad", "newest-unusable", module.newestProblem);
  if (module.overdueSince !== null) return state("bad", "overdue");
  const [damaged] = module.damaged;
  if (damaged !== undefined) return state("warn", "older-damaged", damaged);
  // Who chose davit.hold=live knows, and need not be told every day.
  if (last.consistent === false && module.hold !== "live") return state("warn", "inconsistent");
  if (lastRun?.outcome === "cancelled") return state("warn", "run-cancelled");
  if (failed !== null) return state("warn", "not-copied", failed.detail);
  const warning = warnings.find((one) => one.severity === "warning");
  if (warning !== undefined) return state("warn", "warning", warning.message, warning.hint);
  return state("good", "safe");
}

function state(tone: Tone, name: StateName, because?: string, advice?: string): ModuleState {
  return { tone, name, because: because ?? null, advice: advice ?? words.advice[name] ?? null };
}

/** The evidence that speaks against a backup: of its kind the newest, and not ok. */
function failedProof({ evidence }: BackupRow): BackupRow["evidence"][number] | null {
  const isNewest = (at: number): boolean => evidence.slice(at + 1).every((one) => one.kind !== evidence[at]?.kind);
  return evidence.findLast((one, at) => !one.ok && isNewest(at)) ?? null;
}

const order: readonly Tone[] = ["bad", "warn", "good", "off"];

/** What is worst comes first; what is alike, by name. */
export function byUrgency(one: OverviewModule, other: OverviewModule): number {
  const rank = (module: OverviewModule): number => order.indexOf(moduleState(module).tone);
  return rank(one) - rank(other) || one.name.localeCompare(other.name);
}
