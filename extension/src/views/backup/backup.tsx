import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Skeleton from "@mui/material/Skeleton";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { lazy, type ReactElement, type ReactNode, Suspense, useState } from "react";
import type { BackupSummary } from "../../../../src/contract/manifest.ts";
import { backupInstant, clock, counted, duration, size } from "../../amounts.ts";
import { useAnswer } from "../../data/queries.ts";
import { useStartedRun } from "../../data/use-started-run.ts";
import { Button } from "../../parts/button.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { LiveRun } from "../../parts/live-run.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Proof } from "../../parts/proof.tsx";
import { RefusedRun } from "../../parts/refused-run.tsx";
import { Title } from "../../parts/title.tsx";
import { Warnings } from "../../parts/warnings.tsx";
import { words } from "../../words.ts";
import { Restore } from "../restore/restore.tsx";
import type { EntryPath } from "./entry-path.ts";
import { Files } from "./files.tsx";

const Compare = lazy(async () => ({ default: (await import("./compare.tsx")).Compare }));
const Evidence = lazy(async () => ({ default: (await import("./evidence.tsx")).Evidence }));
const Manifest = lazy(async () => ({ default: (await import("./manifest.tsx")).Manifest }));

const tabs = ["files", "compare", "evidence", "manifest"] as const;
type TabName = (typeof tabs)[number];

/** One backup: what is in it, what was proved of it, and what can be done with it. */
export function Backup({ module, time }: { module: string; time: string }): ReactElement {
  const path = `/api/v1/backups/${module}/${time}`;
  const backup = useAnswer<BackupSummary>(path, { everyMs: 10_000 });
  const [tab, setTab] = useState<TabName>("files");
  const [restoring, setRestoring] = useState<readonly EntryPath[] | null>(null);
  const starting = useStartedRun();
  if (backup.data === undefined)
    return backup.error === null ? <Skeleton variant="rounded" height={320} /> : <Problem failure={backup.error} />;
  const { manifest, problem } = backup.data;
  const views: Record<TabName, ReactNode> = {
    files: <Files path={path} onRestore={setRestoring} />,
    compare: <Compare path={path} module={module} time={backup.data.time} />,
    evidence: <Evidence evidence={backup.data.evidence} />,
    manifest: <Manifest backup={backup.data} />,
  };
  return (
    <>
      <Title
        above={[
          { name: words.nav.overview, href: "#/" },
          { name: module, href: `#/modules/${module}` },
        ]}
        name={clock(backupInstant(backup.data.time))}
        state={<Proof row={backup.data} />}
        actions={
          <>
            <Button
              look="outlined"
              disabled={problem !== null}
              busy={starting.isPending}
              onClick={() => starting.start(`${path}/verify`)}
            >
              {words.backup.verify}
            </Button>
            <Button
              look="outlined"
              disabled={problem !== null}
              busy={starting.isPending}
              onClick={() => starting.start(`${path}/drill`)}
            >
              {words.backup.drill}
            </Button>
            <Button look="filled" disabled={problem !== null} onClick={() => setRestoring([])}>
              {words.backup.restore}
            </Button>
          </>
        }
      />
      {problem !== null && <Warnings warnings={[{ severity: "error", message: problem }]} />}
      {manifest !== null && (
        <Paper variant="outlined" sx={{ p: 2, mt: 2 }}>
          <Facts>
            <Fact name={words.overview.size}>{size(manifest.archive.bytes)}</Fact>
            <Fact name={words.backup.holds}>
              {counted(manifest.counts.files, "file")}, {size(manifest.counts.bytesIn)}
            </Fact>
            {manifest.hold.ms !== null && <Fact name={words.overview.hold}>{duration(manifest.hold.ms)}</Fact>}
            <Fact name={words.backup.consistent}>{manifest.hold.consistent ? words.backup.yes : words.backup.no}</Fact>
            {manifest.changedTotal > 0 && (
              <Fact name={words.backup.changed}>{manifest.changedTotal.toLocaleString("en")}</Fact>
            )}
          </Facts>
        </Paper>
      )}
      {starting.run !== null && (
        <Paper variant="outlined" sx={{ p: 2, mt: 1.5, "&:empty": { display: "none" } }}>
          <LiveRun run={starting.run} />
        </Paper>
      )}
      {manifest !== null && <Warnings warnings={manifest.warnings} />}
      <Tabs
        value={tab}
        onChange={(_event, value: TabName) => setTab(value)}
        variant="scrollable"
        scrollButtons={false}
        sx={{
          mt: 2.5,
          borderBottom: 1,
          borderColor: "divider",
          "& .MuiTab-root": { minWidth: 0, px: { xs: 1.5, sm: 2 } },
        }}
      >
        {tabs.map((one) => (
          <Tab key={one} value={one} label={words.backup.tabs[one]} id={`tab-${one}`} aria-controls={`panel-${one}`} />
        ))}
      </Tabs>
      <Box role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`} sx={{ pt: 2 }}>
        <Suspense fallback={<Skeleton variant="rounded" height={200} />}>{views[tab]}</Suspense>
      </Box>
      {restoring !== null && (
        <Restore module={module} path={path} paths={restoring} onClose={() => setRestoring(null)} />
      )}
      <RefusedRun starting={starting} />
    </>
  );
}
