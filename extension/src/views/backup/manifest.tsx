import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import type { ReactElement } from "react";
import type { BackupSummary } from "../../../../src/contract/manifest.ts";
import type { RunSummary } from "../../../../src/contract/run-event.ts";
import { useAnswer } from "../../data/queries.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Printed } from "../../parts/printed.tsx";
import { visibleJson } from "../../visible-text.ts";
import { words } from "../../words.ts";

const looked = 200;

/** A backup's manifest as it lies in the vault, and the run that made it. */
export function Manifest({ backup }: { backup: BackupSummary }): ReactElement {
  const runs = useAnswer<{ runs: RunSummary[] }>(`/api/v1/runs?module=${backup.module}&limit=${looked}`);
  const made = runs.data?.runs.find((run) => run.kind === "backup" && run.backup === backup.id);
  const text = visibleJson(backup.manifest);
  return (
    <>
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 2, mb: 1.5 }}>
        <CopyButton text={text} />
        {made !== undefined && <Link href={`#/activity/${made.run}`}>{words.backup.showRun}</Link>}
        <Typography variant="body2" color="text.secondary">
          {words.backup.manifestHelp}
        </Typography>
      </Box>
      <Printed text={text} tallest={560} />
    </>
  );
}
