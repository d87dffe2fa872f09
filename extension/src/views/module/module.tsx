import { type ReactElement, Suspense, useDeferredValue } from "react";
import type { BackupRow } from "../../../../src/contract/api.ts";
import type { Overview } from "../../../../src/contract/overview.ts";
import type { RunSummary } from "../../../../src/contract/run-event.ts";
import { duration } from "../../amounts.ts";
import { moduleState } from "../../data/module-state.ts";
import { useAnswer } from "../../data/queries.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Instant } from "../../parts/instant.tsx";
import { Ladder } from "../../parts/ladder.tsx";
import { LiveRun } from "../../parts/live-run.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Title } from "../../parts/title.tsx";
import { ToneSign } from "../../parts/tone.tsx";
import { Warnings } from "../../parts/warnings.tsx";
import { drawnWithMui } from "../../theme/drawn-with-mui.tsx";
import { words } from "../../words.ts";
import "./module.css";
import { Actions } from "./actions.tsx";

const History = drawnWithMui(async () => (await import("./history.tsx")).History);
const About = drawnWithMui(async () => (await import("./about.tsx")).About);

const shownRuns = 200;

/** One module: how it fares, its history, its backups, its settings. What the overview knows of it is there at once. */
export function Module({ name }: { name: string }): ReactElement {
  const overview = useAnswer<Overview>("/api/v1/overview", { everyMs: 5000 });
  const backups = useAnswer<{ backups: BackupRow[] }>(`/api/v1/backups?module=${name}`, { everyMs: 15_000 });
  const runs = useAnswer<{ runs: RunSummary[] }>(`/api/v1/runs?module=${name}&limit=${shownRuns}`, { everyMs: 15_000 });
  // What stands below the head is drawn after it.
  const isWhole = useDeferredValue(true, false);
  const module = overview.data?.modules.find((one) => one.name === name);
  const failure = overview.error ?? backups.error ?? runs.error;
  const waiting =
    failure === null ? <div className="skeleton" style={{ height: 320 }} /> : <Problem failure={failure} />;
  if (overview.data === undefined) return waiting;
  if (module === undefined)
    return (
      <div className="nowhere">
        <p>{words.module.noSuch(name)}</p>
        <ButtonLink href="#/">{words.failures.backToOverview}</ButtonLink>
      </div>
    );
  const state = moduleState(module);
  return (
    <>
      <Title
        above={[{ name: words.nav.overview, href: "#/" }]}
        name={name}
        state={
          <strong className={`row tone-${state.tone}`}>
            <ToneSign tone={state.tone} />
            {words.states[state.name]}
          </strong>
        }
        actions={isWhole && <Actions module={module} />}
      />
      <div className="card module-proof">
        <Ladder ladder={module.ladder} />
        <Facts>
          {module.ladder.sealed !== null && (
            <Fact name={words.overview.last}>
              <Instant at={module.ladder.sealed} />
            </Fact>
          )}
          {module.nextRun !== null && (
            <Fact name={words.overview.next}>
              <Instant at={module.nextRun} />
            </Fact>
          )}
          {module.ladder.drilled !== null && (
            <Fact name={words.overview.recovery}>{duration(module.ladder.drilled.ms)}</Fact>
          )}
        </Facts>
        {module.running !== null && <LiveRun run={module.running.run} />}
      </div>
      <Warnings warnings={module.warnings} />
      {isWhole && (
        <Suspense fallback={<div className="section">{waiting}</div>}>
          {backups.data === undefined || runs.data === undefined ? (
            <div className="section">{waiting}</div>
          ) : (
            <History module={module} backups={backups.data.backups} runs={runs.data.runs} />
          )}
          {!module.gone && <About name={name} />}
        </Suspense>
      )}
    </>
  );
}
