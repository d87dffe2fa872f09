import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import type { ReactElement } from "react";
import type { OverviewModule } from "../../../../src/contract/overview.ts";
import { counted, duration, size } from "../../amounts.ts";
import { moduleState } from "../../data/module-state.ts";
import { useChange } from "../../data/queries.ts";
import { Curve } from "../../parts/curve.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Instant } from "../../parts/instant.tsx";
import { Ladder } from "../../parts/ladder.tsx";
import { LiveRun } from "../../parts/live-run.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Told } from "../../parts/told.tsx";
import { toneColours, ToneSign } from "../../parts/tone.tsx";
import { words } from "../../words.ts";

/** A module: how safe it is and how that is known, its last and its next run. */
export function ModuleCard({ module }: { module: OverviewModule }): ReactElement {
  const state = moduleState(module);
  return (
    <Paper component="li" variant="outlined" sx={{ p: { xs: 2, sm: 2.5 }, minWidth: 0 }}>
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: 1.25, rowGap: 1 }}>
        <ToneSign tone={state.tone} />
        <Typography variant="h3" sx={{ overflowWrap: "anywhere", minWidth: 0 }}>
          <Link href={`#/modules/${module.name}`} underline="hover" color="inherit">
            {module.name}
          </Link>
        </Typography>
        <Typography variant="body2" sx={{ color: toneColours[state.tone], fontWeight: 550, flex: "1 1 auto" }}>
          {words.states[state.name]}
        </Typography>
        <Box sx={{ color: "primary.main", display: { xs: "none", sm: "flex" } }}>
          <Curve values={module.trend.map((one) => one.bytesOut)} label={words.overview.trend(module.name)} />
        </Box>
        <Actions module={module} />
      </Box>
      {state.tone !== "good" && (state.because !== null || state.advice !== null) && (
        <Typography variant="body2" sx={{ mt: 1, overflowWrap: "anywhere" }}>
          {state.because !== null && <Told text={state.because} />}
          {state.because !== null && state.advice !== null && <br />}
          <Box component="span" sx={{ color: "text.secondary" }}>
            {state.advice !== null && <Told text={state.advice} />}{" "}
            {state.name === "run-failed" && module.lastRun !== null && (
              <Link href={`#/activity/${module.lastRun.run}`}>{words.overview.showRun}</Link>
            )}
          </Box>
        </Typography>
      )}
      {module.running !== null && (
        <Box sx={{ mt: 1.5 }}>
          <LiveRun run={module.running.run} />
        </Box>
      )}
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: 3, rowGap: 1.5, mt: 1.75 }}>
        <Ladder ladder={module.ladder} />
        <ModuleFacts module={module} />
      </Box>
    </Paper>
  );
}

function ModuleFacts({ module }: { module: OverviewModule }): ReactElement {
  const { last, nextRun, overdueSince, ladder } = module;
  return (
    <Facts>
      <Fact name={words.overview.last}>
        {last?.sealed == null ? words.common.never : <Instant at={last.sealed} />}
        {overdueSince !== null && (
          <Box component="span" sx={{ color: "error.main" }}>
            {" ("}
            <Instant at={overdueSince} />)
          </Box>
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
    <Box sx={{ display: "flex", gap: 1 }}>
      {module.unanswered.length > 0 && (
        <Button
          size="small"
          loading={change.isPending}
          onClick={() => change.mutate({ path: `${path}/ack`, body: {} })}
        >
          {words.overview.ack}
        </Button>
      )}
      {!module.gone && (
        <Button
          size="small"
          variant="outlined"
          disabled={isBroken || module.running !== null}
          loading={change.isPending}
          onClick={() => change.mutate({ path: `${path}/backup` })}
        >
          {words.overview.backUp}
        </Button>
      )}
      <Notice failure={change.error} onClose={change.reset} />
    </Box>
  );
}
