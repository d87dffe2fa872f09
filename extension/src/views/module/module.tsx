import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import type { ReactElement } from "react";
import type { BackupRow } from "../../../../src/contract/api.ts";
import type { Overview } from "../../../../src/contract/overview.ts";
import type { RunSummary } from "../../../../src/contract/run-event.ts";
import { duration } from "../../amounts.ts";
import { moduleState } from "../../data/module-state.ts";
import { useAnswer } from "../../data/queries.ts";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Instant } from "../../parts/instant.tsx";
import { Ladder } from "../../parts/ladder.tsx";
import { LiveRun } from "../../parts/live-run.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Title } from "../../parts/title.tsx";
import { toneColours, ToneSign } from "../../parts/tone.tsx";
import { Warnings } from "../../parts/warnings.tsx";
import { words } from "../../words.ts";
import { About } from "./about.tsx";
import { Actions } from "./actions.tsx";
import { History } from "./history.tsx";

const shownRuns = 200;

/** One module: how it fares, its history, its backups, its settings. What the overview knows of it is there at once. */
export function Module({ name }: { name: string }): ReactElement {
  const overview = useAnswer<Overview>("/api/v1/overview", { everyMs: 5000 });
  const backups = useAnswer<{ backups: BackupRow[] }>(`/api/v1/backups?module=${name}`, { everyMs: 15_000 });
  const runs = useAnswer<{ runs: RunSummary[] }>(`/api/v1/runs?module=${name}&limit=${shownRuns}`, { everyMs: 15_000 });
  const module = overview.data?.modules.find((one) => one.name === name);
  const failure = overview.error ?? backups.error ?? runs.error;
  const waiting = failure === null ? <Skeleton variant="rounded" height={320} /> : <Problem failure={failure} />;
  if (overview.data === undefined) return waiting;
  if (module === undefined)
    return (
      <Box sx={{ py: 6, textAlign: "center" }}>
        <Typography sx={{ mb: 2 }}>{words.module.noSuch(name)}</Typography>
        <Button href="#/">{words.failures.backToOverview}</Button>
      </Box>
    );
  const state = moduleState(module);
  return (
    <>
      <Title
        above={[{ name: words.nav.overview, href: "#/" }]}
        name={name}
        state={
          <Box
            sx={{ display: "flex", alignItems: "center", gap: 0.75, color: toneColours[state.tone], fontWeight: 600 }}
          >
            <ToneSign tone={state.tone} />
            {words.states[state.name]}
          </Box>
        }
        actions={<Actions module={module} />}
      />
      <Paper
        variant="outlined"
        sx={{ p: 2, mt: 2, display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: 3, rowGap: 1.5 }}
      >
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
        {module.running !== null && (
          <Box sx={{ width: "100%" }}>
            <LiveRun run={module.running.run} />
          </Box>
        )}
      </Paper>
      <Warnings warnings={module.warnings} />
      {backups.data === undefined || runs.data === undefined ? (
        <Box sx={{ mt: 4 }}>{waiting}</Box>
      ) : (
        <History module={module} backups={backups.data.backups} runs={runs.data.runs} />
      )}
      {!module.gone && <About name={name} />}
    </>
  );
}
