import type { ReactElement } from "react";
import type { OverviewModule } from "../../../../src/contract/overview.ts";
import { counted } from "../../amounts.ts";
import { moduleState } from "../../data/module-state.ts";
import { type Tone, ToneSign } from "../../parts/tone.tsx";
import { Told } from "../../parts/told.tsx";
import { words } from "../../words.ts";
import "./headline.css";

const { headline } = words.overview;

/** One sentence that answers whether everything is safe, and one on what to do or on the proof. */
export function Headline({ modules }: { modules: readonly OverviewModule[] }): ReactElement {
  const { tone, sentence, more } = tell(modules.filter((module) => !module.gone));
  return (
    <div className="headline" role="status">
      <ToneSign tone={tone} size={30} />
      <div>
        <h1>{sentence}</h1>
        <p className="muted">
          <Told text={more} />
        </p>
      </div>
    </div>
  );
}

function tell(modules: readonly OverviewModule[]): { tone: Tone; sentence: string; more: string } {
  if (modules.length === 0) return { tone: "off", sentence: headline.empty, more: headline.emptyHelp };
  const states = modules.map((module) => ({ module, state: moduleState(module) }));
  const bad = states.filter(({ state }) => state.tone === "bad");
  const warn = states.filter(({ state }) => state.tone === "warn");
  const [worst] = bad.length > 0 ? bad : warn;
  if (worst !== undefined) {
    const { module, state } = worst;
    const sentence =
      bad.length === 0
        ? headline.warn(warn.length)
        : modules.length === 1
          ? headline.onlyBad
          : headline.bad(bad.length, modules.length);
    const what = `${module.name}: ${words.states[state.name]}`;
    return { tone: state.tone, sentence, more: [what, state.because].filter(Boolean).join(": ") };
  }
  const proved = modules.filter(({ ladder }) => ladder.drilled !== null).length;
  return {
    tone: "good",
    sentence: modules.length === 1 ? headline.oneSafe : headline.allSafe(counted(modules.length, "module")),
    more: proved === 0 ? headline.unproved : headline.proved(proved, modules.length),
  };
}
