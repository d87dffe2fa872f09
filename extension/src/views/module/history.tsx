import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import { lazy, type ReactElement, Suspense } from "react";
import type { BackupRow } from "../../../../src/contract/api.ts";
import type { OverviewModule } from "../../../../src/contract/overview.ts";
import type { RunSummary } from "../../../../src/contract/run-event.ts";
import { RunLines } from "../../parts/run-lines.tsx";
import { Section } from "../../parts/section.tsx";
import { words } from "../../words.ts";
import { Backups } from "./backups.tsx";
import { Calendar } from "./calendar.tsx";

const Charts = lazy(async () => ({ default: (await import("./charts.tsx")).Charts }));
const lastRuns = 8;

interface HistoryProps {
  module: OverviewModule;
  backups: readonly BackupRow[];
  /** Newest first. */
  runs: readonly RunSummary[];
}

/** What there was: a calendar, curves, each backup, the last runs. */
export function History({ module, backups, runs }: HistoryProps): ReactElement {
  return (
    <>
      {backups.length > 0 && (
        <Section title={words.module.history}>
          <Calendar backups={backups} runs={runs} />
          {backups.length > 1 && (
            <Box sx={{ mt: 2 }}>
              <Suspense fallback={<Skeleton variant="rounded" height={210} />}>
                <Charts backups={backups} />
              </Suspense>
            </Box>
          )}
        </Section>
      )}
      <Backups module={module.name} rows={backups} canRotate={!module.gone} />
      <Section title={words.activity.recent}>
        <RunLines runs={runs.slice(0, lastRuns)} />
      </Section>
    </>
  );
}
