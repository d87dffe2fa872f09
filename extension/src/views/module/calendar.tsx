import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import { type ReactElement, useLayoutEffect, useRef } from "react";
import type { BackupRow } from "../../../../src/contract/api.ts";
import type { RunSummary } from "../../../../src/contract/run-event.ts";
import { backupInstant, counted, dayOf } from "../../amounts.ts";
import { words } from "../../words.ts";

const weeks = 18;
const dayMs = 86_400_000;
const text = words.module.calendar;

type Rung = "drilled" | "verified" | "sealed" | "bad" | "failed" | "none";

const looks = {
  drilled: { bgcolor: "success.main" },
  verified: { bgcolor: "success.main", opacity: 0.7 },
  sealed: { bgcolor: "success.main", opacity: 0.4 },
  bad: { bgcolor: "error.main" },
  failed: { border: 2, borderColor: "error.main" },
  none: { bgcolor: "action.selected" },
} as const satisfies Record<Rung, object>;

interface Day {
  at: Date;
  rung: Rung;
  backups: readonly BackupRow[];
}

/** The last weeks, a square a day, in the viewer's zone: how far the best backup of each day has climbed. */
export function Calendar({
  backups,
  runs,
}: {
  backups: readonly BackupRow[];
  runs: readonly RunSummary[];
}): ReactElement {
  const days = lastDays(backups, runs);
  const place = useRef<HTMLDivElement>(null);
  // Where not all of it fits, the newest is what one wants to see.
  useLayoutEffect(() => {
    if (place.current !== null) place.current.scrollLeft = place.current.scrollWidth;
  }, []);
  return (
    <Box>
      <Box
        role="list"
        ref={place}
        aria-label={text.label}
        sx={{
          display: "grid",
          gridAutoFlow: "column",
          gridTemplateRows: "repeat(7, 24px)",
          gridAutoColumns: "24px",
          overflowX: "auto",
          pb: 1,
        }}
      >
        {days.map((day) => (
          <Square key={day.at.getTime()} day={day} />
        ))}
      </Box>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 2, mt: 1 }} aria-hidden>
        {(["none", "sealed", "verified", "drilled", "bad", "failed"] as const).map((rung) => (
          <Box key={rung} sx={{ display: "flex", alignItems: "center", gap: 0.75 }}>
            <Box sx={{ width: 12, height: 12, borderRadius: "2px", ...looks[rung] }} />
            <Typography variant="caption" color="text.secondary">
              {text.rungs[rung]}
            </Typography>
          </Box>
        ))}
      </Box>
    </Box>
  );
}

function Square({ day: { at, rung, backups } }: { day: Day }): ReactElement {
  const told = `${dayOf(at.toISOString())}: ${text.rungs[rung]}${backups.length > 1 ? ` (${counted(backups.length, "backup")})` : ""}`;
  const [newest] = backups;
  // What is drawn is smaller than what is touched.
  const shape = {
    display: "block",
    width: 24,
    height: 24,
    p: "3px",
    "&::after": { content: '""', display: "block", height: "100%", borderRadius: "3px", ...looks[rung] },
  };
  return (
    <Tooltip title={told}>
      <Box role="listitem">
        {newest === undefined ? (
          <Box role="img" aria-label={told} sx={shape} />
        ) : (
          <Link href={`#/backups/${newest.id}`} aria-label={told} sx={shape} />
        )}
      </Box>
    </Tooltip>
  );
}

function lastDays(backups: readonly BackupRow[], runs: readonly RunSummary[]): Day[] {
  const byDay = Map.groupBy(backups, ({ time }) => dayKey(new Date(backupInstant(time))));
  const failures = new Set(
    runs
      .filter(({ kind, outcome }) => kind === "backup" && outcome === "failed")
      .map(({ started }) => dayKey(new Date(started))),
  );
  const today = new Date();
  today.setHours(12, 0, 0, 0);
  // The last column ends with the week that today is in; weeks begin on Monday.
  const sinceMonday = (today.getDay() + 6) % 7;
  const first = today.getTime() - ((weeks - 1) * 7 + sinceMonday) * dayMs;
  return Array.from({ length: (weeks - 1) * 7 + sinceMonday + 1 }, (_, number) => {
    const at = new Date(first + number * dayMs);
    const own = byDay.get(dayKey(at)) ?? [];
    return { at, backups: own, rung: rungOf(own, failures.has(dayKey(at))) };
  });
}

function rungOf(backups: readonly BackupRow[], failed: boolean): Rung {
  const passed = (kind: string, ok: boolean): boolean =>
    backups.some(({ evidence }) => evidence.findLast((one) => one.kind === kind)?.ok === ok);
  if (backups.length === 0) return failed ? "failed" : "none";
  if (passed("verified", false) || backups.every(({ problem }) => problem !== null)) return "bad";
  if (passed("drilled", true)) return "drilled";
  return passed("verified", true) ? "verified" : "sealed";
}

function dayKey(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`;
}
