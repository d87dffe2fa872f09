import { judgeModule, type ModuleSafety, type ModuleState as StateName } from "../../../src/contract/judge-module.ts";
import type { OverviewModule } from "../../../src/contract/overview.ts";
import type { Tone } from "../parts/tone.tsx";
import { words } from "../words.ts";

/** How safe a module is, and what is said of that. */
export interface ModuleState {
  tone: Tone;
  name: StateName;
  /** What was found, where more is known than the state's name says. */
  because: string | null;
  /** What to do next. */
  advice: string | null;
}

const tones = { unsafe: "bad", look: "warn", safe: "good", gone: "off" } as const satisfies Record<ModuleSafety, Tone>;

/** The worst that can be said of a module. */
export function moduleState(module: OverviewModule): ModuleState {
  const { state, safety, because, hint } = judgeModule(module);
  return { tone: tones[safety], name: state, because: because ?? null, advice: hint ?? words.advice[state] ?? null };
}

const order: readonly Tone[] = ["bad", "warn", "good", "off"];

/** What is worst comes first; what is alike, by name. */
export function byUrgency(modules: readonly OverviewModule[]): OverviewModule[] {
  const ranks = new Map(modules.map((module) => [module, order.indexOf(moduleState(module).tone)]));
  const rank = (module: OverviewModule): number => ranks.get(module) ?? order.length;
  return modules.toSorted((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1));
}
