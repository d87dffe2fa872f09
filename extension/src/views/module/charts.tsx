import Box from "@mui/material/Box";
import { useTheme } from "@mui/material/styles";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import { LineChart } from "@mui/x-charts/LineChart";
import type { ReactElement } from "react";
import type { BackupRow } from "../../../../src/contract/api.ts";
import { backupInstant, clock, duration, size } from "../../amounts.ts";
import { words } from "../../words.ts";

/** More points than pixels tell nothing. */
const mostPoints = 200;

/** Size, duration and hold of a module's backups over time. */
export function Charts({ backups }: { backups: readonly BackupRow[] }): ReactElement {
  const rows = backups
    .filter(({ problem }) => problem === null)
    .slice(0, mostPoints)
    .toReversed();
  return (
    <Box
      sx={{ display: "grid", gap: 1.5, gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "repeat(3, minmax(0, 1fr))" } }}
    >
      <Chart title={words.module.charts.size} rows={rows} value={(row) => row.bytesOut} format={size} />
      <Chart title={words.module.charts.duration} rows={rows} value={(row) => row.ms} format={duration} />
      <Chart title={words.module.charts.hold} rows={rows} value={(row) => row.holdMs} format={duration} />
    </Box>
  );
}

interface ChartProps {
  title: string;
  rows: readonly BackupRow[];
  value: (row: BackupRow) => number | null;
  format: (value: number) => string;
}

function Chart({ title, rows, value, format }: ChartProps): ReactElement {
  const { palette } = useTheme();
  const times = rows.map(({ time }) => new Date(backupInstant(time)));
  const values = rows.map(value);
  const known = values.filter((one) => one !== null);
  const span = known.length === 0 ? words.common.none : `${format(Math.min(...known))} – ${format(Math.max(...known))}`;
  return (
    <Paper variant="outlined" sx={{ p: 1.5, minWidth: 0 }} component="figure" style={{ margin: 0 }}>
      <Typography component="figcaption" variant="body2" sx={{ fontWeight: 600, px: 0.5 }}>
        {title}{" "}
        <Typography component="span" variant="body2" color="text.secondary">
          {span}
        </Typography>
      </Typography>
      <Box role="img" aria-label={`${title}: ${span}`}>
        <LineChart
          height={170}
          margin={{ left: 62, right: 24, top: 12, bottom: 24 }}
          skipAnimation
          colors={[palette.primary.main]}
          slotProps={{ legend: { hidden: true } }}
          xAxis={[{ data: times, scaleType: "time", tickNumber: 3, valueFormatter: axisLabels(times) }]}
          yAxis={[{ min: 0, tickNumber: 3, valueFormatter: (one: number) => format(one) }]}
          series={[
            {
              data: values,
              showMark: rows.length < 40,
              connectNulls: true,
              valueFormatter: (one) => (one === null ? "" : format(one)),
            },
          ]}
        />
      </Box>
    </Paper>
  );
}

const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const minutes = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
const twoDaysMs = 2 * 86_400_000;

/** Ticks tell the day; the time of day where all is of two days. */
function axisLabels(times: readonly Date[]): (at: Date, context: { location: string }) => string {
  const span = (times.at(-1)?.getTime() ?? 0) - (times[0]?.getTime() ?? 0);
  const tick = span > twoDaysMs ? days : minutes;
  return (at, { location }) => (location === "tick" ? tick.format(at) : clock(at.toISOString()));
}
