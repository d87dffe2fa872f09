import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactElement, useLayoutEffect, useRef, useState } from "react";
import type { BackupRow, PruneDecision } from "../../../../src/contract/api.ts";
import { backupInstant, counted, duration, size } from "../../amounts.ts";
import { Instant } from "../../parts/instant.tsx";
import { Proof } from "../../parts/proof.tsx";
import { words } from "../../words.ts";

interface BackupTableProps {
  backups: readonly BackupRow[];
  /** What rotation would do with each; null where nobody has asked. */
  decisions: ReadonlyMap<string, PruneDecision> | null;
}

const rowHeight = 54;

/** A module's backups, newest first; thousands are no trouble, since only those in sight are drawn. */
export function BackupTable({ backups, decisions }: BackupTableProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(place.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: backups.length,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: top,
  });
  return (
    <Box
      ref={place}
      role="list"
      aria-label={words.module.backups}
      sx={{ position: "relative", height: rows.getTotalSize() }}
    >
      {rows.getVirtualItems().map(({ index, start, key }) => {
        const row = backups[index];
        return (
          row && (
            <Box
              key={key}
              role="listitem"
              ref={rows.measureElement}
              data-index={index}
              aria-posinset={index + 1}
              aria-setsize={backups.length}
              sx={{ position: "absolute", insetInline: 0, top: 0, pb: 1 }}
              style={{ transform: `translateY(${start - top}px)` }}
            >
              <Row row={row} decision={decisions?.get(row.id) ?? null} />
            </Box>
          )
        );
      })}
    </Box>
  );
}

function Row({ row, decision }: { row: BackupRow; decision: PruneDecision | null }): ReactElement {
  const facts = [
    row.bytesOut === null ? null : size(row.bytesOut),
    row.entries === null ? null : counted(row.entries, "entry", "entries"),
    row.holdMs === null ? null : words.module.heldFor(duration(row.holdMs)),
    row.changed === null || row.changed === 0 ? null : words.module.changedMeanwhile(row.changed),
    row.warnings === null || row.warnings === 0 ? null : counted(row.warnings, "warning"),
  ].filter((one) => one !== null);
  return (
    <Box
      sx={{
        border: 1,
        borderColor: "divider",
        borderRadius: 1,
        bgcolor: "background.paper",
        px: 2,
        py: 1.25,
        minHeight: rowHeight - 8,
      }}
    >
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: 2, rowGap: 0.5 }}>
        <Link href={`#/backups/${row.id}`} underline="hover" sx={{ fontWeight: 600 }}>
          <Instant at={backupInstant(row.time)} exact />
        </Link>
        <Proof row={row} />
        <Typography variant="body2" color="text.secondary" sx={{ ml: { sm: "auto" } }}>
          {facts.join(" · ")}
        </Typography>
      </Box>
      {row.problem !== null && (
        <Typography variant="body2" sx={{ color: "error.main" }}>
          {row.problem}
        </Typography>
      )}
      {decision !== null && (
        <Typography variant="body2" sx={{ color: decision.keep ? "text.secondary" : "warning.main" }}>
          {decision.keep ? words.module.kept(decision.reason) : words.module.goes(decision.reason)}
        </Typography>
      )}
    </Box>
  );
}
