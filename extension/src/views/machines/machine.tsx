import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import { type ReactElement, useState } from "react";
import type { MachineJob, MachineStatus, PointSummary } from "../../../../src/contract/machine.ts";
import type { Ladder as Rungs } from "../../../../src/contract/overview.ts";
import { duration } from "../../amounts.ts";
import { useStartedRun } from "../../data/use-started-run.ts";
import { Button } from "../../parts/button.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Instant } from "../../parts/instant.tsx";
import { Ladder } from "../../parts/ladder.tsx";
import { LiveRun } from "../../parts/live-run.tsx";
import { RefusedRun } from "../../parts/refused-run.tsx";
import { Warnings } from "../../parts/warnings.tsx";
import { words } from "../../words.ts";
import { Chains } from "./chains.tsx";

const text = words.machines;
const jobs = ["incremental", "full", "verify", "drill"] as const satisfies readonly MachineJob[];

/** One machine: how far its points have climbed, when the next ones come, and its jobs. */
export function Machine({ machine }: { machine: MachineStatus }): ReactElement {
  const { name, state, problem, points, next, warnings } = machine;
  const routes = `/api/v1/machines/${name}`;
  const starting = useStartedRun();
  const [kind, setKind] = useState<MachineJob>("incremental");
  const [newest] = points;
  const start = (job: MachineJob): void => {
    setKind(job);
    starting.start(`${routes}/jobs`, { job });
  };
  return (
    <Paper
      variant="outlined"
      component="section"
      aria-label={name}
      sx={{ p: { xs: 2, sm: 2.5 }, mb: 1.5, minWidth: 0 }}
    >
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1.5 }}>
        <Typography variant="h2" sx={{ overflowWrap: "anywhere" }}>
          {name}
        </Typography>
        <Typography variant="body2" color="text.secondary" sx={{ flex: 1 }}>
          {state ?? text.unknownState}
        </Typography>
        {jobs.map((job) => (
          <Button
            key={job}
            little
            look={job === "incremental" ? "filled" : "outlined"}
            busy={starting.isPending && kind === job}
            disabled={problem !== null || ((job === "verify" || job === "drill") && newest === undefined)}
            onClick={() => start(job)}
          >
            {text.jobs[job]}
          </Button>
        ))}
      </Box>
      {problem !== null && <Warnings warnings={[{ severity: "error", message: problem }]} />}
      <Warnings warnings={warnings} />
      <RefusedRun starting={starting} routes={`${routes}/runs`} />
      {starting.run !== null && (
        <Box sx={{ mt: 1.5 }}>
          <LiveRun run={starting.run} routes={`${routes}/runs`} />
        </Box>
      )}
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: 3, rowGap: 1.5, mt: 1.75 }}>
        <Ladder ladder={ladderOf(points)} />
        <Facts>
          <Fact name={text.last}>{newest === undefined ? words.common.never : <Instant at={takenAt(newest)} />}</Fact>
          {newest?.manifest?.quiesce.ms != null && (
            <Fact name={text.stood}>{duration(newest.manifest.quiesce.ms)}</Fact>
          )}
          <Next name={text.nextIncremental} at={next.incremental} />
          <Next name={text.nextFull} at={next.full} />
          <Next name={text.nextDrill} at={next.drill} />
        </Facts>
      </Box>
      <Chains machine={name} points={points} />
    </Paper>
  );
}

function Next({ name, at }: { name: string; at: string | null }): ReactElement | null {
  if (at === null) return null;
  return (
    <Fact name={name}>
      <Instant at={at} />
    </Fact>
  );
}

function takenAt({ manifest, time }: PointSummary): string {
  return manifest?.taken ?? time;
}

function ladderOf(points: readonly PointSummary[]): Rungs {
  const passed = (kind: string) =>
    points
      .flatMap(({ evidence }) => evidence.filter((one) => one.kind === kind && one.ok))
      .toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  const drilled = passed("drilled");
  return {
    sealed: points.find(({ problem }) => problem === null)?.manifest?.sealed ?? null,
    verified: passed("verified")?.at ?? null,
    drilled: drilled === undefined ? null : { at: drilled.at, ms: drilled.ms },
    copied: passed("copied")?.at ?? null,
  };
}
