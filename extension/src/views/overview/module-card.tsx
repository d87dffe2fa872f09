import type { ReactElement } from "react";
import type { OverviewModule } from "../../../../src/contract/overview.ts";
import { counted, duration, size } from "../../amounts.ts";
import { moduleState } from "../../data/module-state.ts";
import { useChange } from "../../data/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Curve } from "../../parts/curve.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Instant } from "../../parts/instant.tsx";
import { Ladder } from "../../parts/ladder.tsx";
import { LiveRun } from "../../parts/live-run.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Told } from "../../parts/told.tsx";
import { ToneSign } from "../../parts/tone.tsx";
import { words } from "../../words.ts";
import "./module-card.css";

/** A module: how safe it is and how that is known, its last and its next run. */
export function ModuleCard({ module }: { module: OverviewModule }): ReactElement {
  const state = moduleState(module);
  return (
    <li className="card module-card">
      <div className="head">
        <ToneSign tone={state.tone} />
        <h3>
          <a className="quiet" href={`#/modules/${module.name}`}>
            {module.name}
          </a>
        </h3>
        <p className={`small tone-${state.tone}`}>{words.states[state.name]}</p>
        <Curve values={module.trend} label={words.overview.trend(module.name)} />
        <Actions module={module} />
      </div>
      {state.tone !== "good" && (state.because !== null || state.advice !== null) && (
        <div className="small">
          {state.because !== null && (
            <p>
              <Told text={state.because} />
            </p>
          )}
          <p className="muted">
            {state.advice !== null && <Told text={state.advice} />}{" "}
            {state.name === "run-failed" && module.lastRun !== null && (
              <a href={`#/activity/${module.lastRun.run}`}>{words.overview.showRun}</a>
            )}
          </p>
        </div>
      )}
      {module.running !== null && <LiveRun run={module.running.run} />}
      <div className="proof">
        <Ladder ladder={module.ladder} />
        <ModuleFacts module={module} />
      </div>
    </li>
  );
}

function ModuleFacts({ module }: { module: OverviewModule }): ReactElement {
  const { last, nextRun, overdueSince, ladder } = module;
  return (
    <Facts>
      <Fact name={words.overview.last}>
        {last?.sealed == null ? words.common.never : <Instant at={last.sealed} />}
        {overdueSince !== null && (
          <span className="tone-bad">
            {" ("}
            <Instant at={overdueSince} />)
          </span>
        )}
      </Fact>
      {!module.gone && (
        <Fact name={words.overview.next}>{nextRun === null ? words.overview.noNext : <Instant at={nextRun} />}</Fact>
      )}
      {last?.bytesOut != null && <Fact name={words.overview.size}>{size(last.bytesOut)}</Fact>}
      {last?.holdMs != null && <Fact name={words.overview.hold}>{duration(last.holdMs)}</Fact>}
      {ladder.drilled !== null && <Fact name={words.overview.recovery}>{duration(ladder.drilled.ms)}</Fact>}
      {module.backups > 1 && (
        <Fact name="">{words.overview.kept(counted(module.backups, "backup"), size(module.bytes))}</Fact>
      )}
    </Facts>
  );
}

function Actions({ module }: { module: OverviewModule }): ReactElement {
  const change = useChange();
  const path = `/api/v1/modules/${module.name}`;
  const isBroken = module.warnings.some((one) => one.severity === "error");
  return (
    <div className="actions">
      {module.unanswered.length > 0 && (
        <Button little busy={change.isPending} onClick={() => change.mutate({ path: `${path}/ack`, body: {} })}>
          {words.overview.ack}
        </Button>
      )}
      {!module.gone && (
        <Button
          little
          look="outlined"
          disabled={isBroken || module.running !== null}
          busy={change.isPending}
          onClick={() => change.mutate({ path: `${path}/backup` })}
        >
          {words.overview.backUp}
        </Button>
      )}
      <Notice failure={change.error} onClose={change.reset} />
    </div>
  );
}
