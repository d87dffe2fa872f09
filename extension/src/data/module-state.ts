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

/** What was said of a module is asked for by the list's order, by the sentence above it, and by the module's card. */
const said = new WeakMap<OverviewModule, ModuleState>();

/** The worst that can be said of a module. */
export function moduleState(module: OverviewModule): ModuleState {
  const before = said.get(module);
  if (before !== undefined) return before;
  const state = judge(module);
  said.set(module, state);
  return state;
}

function judge(module: OverviewModule): ModuleState {
  const { state, safety, because, hint } = judgeModule(module);
  return { tone: tones[safety], name: state, because: because ?? null, advice: hint ?? words.advice[state] ?? null };
}

const order: readonly Tone[] = ["bad", "warn", "good", "off"];

/** What is worst comes first; what is alike, by name. */
export function byUrgency(modules: readonly OverviewModule[]): OverviewModule[] {
  const rank = (module: OverviewModule): number => order.indexOf(moduleState(module).tone);
  return modules.toSorted((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1));
}
