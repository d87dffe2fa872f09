import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { type ReactElement, useState } from "react";
import type { BackupRow, PruneDecision } from "../../../../src/contract/api.ts";
import { counted } from "../../amounts.ts";
import { useChange } from "../../data/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Section } from "../../parts/section.tsx";
import { words } from "../../words.ts";
import { BackupTable } from "./backup-table.tsx";

interface BackupsProps {
  module: string;
  rows: readonly BackupRow[];
  canRotate: boolean;
}

/** A module's backups, and what rotation would do with each. */
export function Backups({ module, rows, canRotate }: BackupsProps): ReactElement {
  const change = useChange<{ decisions: PruneDecision[] }>();
  const [decisions, setDecisions] = useState<ReadonlyMap<string, PruneDecision> | null>(null);
  const going = decisions === null ? 0 : [...decisions.values()].filter((one) => !one.keep).length;
  const ask = (dryRun: boolean): void =>
    change.mutate(
      { path: `/api/v1/modules/${module}/prune`, body: { dryRun } },
      { onSuccess: (answer) => setDecisions(dryRun ? new Map(answer.decisions.map((one) => [one.id, one])) : null) },
    );
  return (
    <Section
      title={words.module.backups}
      action={
        canRotate &&
        rows.length > 0 && (
          <Button little busy={change.isPending} onClick={() => (decisions === null ? ask(true) : setDecisions(null))}>
            {decisions === null ? words.module.rotation : words.module.rotationHide}
          </Button>
        )
      }
    >
      {change.error !== null && <Problem failure={change.error} />}
      {rows.length === 0 && <Typography color="text.secondary">{words.module.none}</Typography>}
      {decisions !== null && (
        <Box role="status" sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1.5, mb: 1 }}>
          <Typography variant="body2">
            {going === 0 ? words.module.rotationNothing : words.module.rotationRemoves(counted(going, "backup"))}
          </Typography>
          {going > 0 && (
            <Button little look="outlined" warn onClick={() => ask(false)}>
              {words.module.rotationNow}
            </Button>
          )}
        </Box>
      )}
      <BackupTable backups={rows} decisions={decisions} />
    </Section>
  );
}
