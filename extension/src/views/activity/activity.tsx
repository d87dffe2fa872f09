import Box from "@mui/material/Box";
import MenuItem from "@mui/material/MenuItem";
import Skeleton from "@mui/material/Skeleton";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { type ReactElement, useState } from "react";
import type { RunSummary } from "../../../../src/contract/run-event.ts";
import { useAnswer } from "../../data/queries.ts";
import { Problem } from "../../parts/problem.tsx";
import { RunLines } from "../../parts/run-lines.tsx";
import { Title } from "../../parts/title.tsx";
import { words } from "../../words.ts";

const shownRuns = 300;
const all = "";

/** Runs of all modules, newest first; those that go on show how far they are. */
export function Activity(): ReactElement {
  const runs = useAnswer<{ runs: RunSummary[] }>(`/api/v1/runs?limit=${shownRuns}`, { everyMs: 4000 });
  const [module, setModule] = useState(all);
  const [kind, setKind] = useState(all);
  const [outcome, setOutcome] = useState(all);
  if (runs.data === undefined)
    return runs.error === null ? <Skeleton variant="rounded" height={320} /> : <Problem failure={runs.error} />;
  const known = runs.data.runs;
  const shown = known.filter(
    (run) =>
      (module === all || run.module === module) &&
      (kind === all || run.kind === kind) &&
      (outcome === all || (run.outcome ?? "going") === outcome),
  );
  const modules = [...new Set(known.map((run) => run.module))].toSorted();
  const kinds = [...new Set(known.map((run) => run.kind))].map((one) => [one, words.kinds[one] ?? one] as const);
  const outcomes = [["going", words.activity.going], ...Object.entries(words.outcomes)] as const;
  return (
    <>
      <Title name={words.activity.title} />
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, my: 2.5 }}>
        <Filter
          label={words.activity.module}
          value={module}
          onChange={setModule}
          options={modules.map((one) => [one, one])}
        />
        <Filter label={words.activity.kind} value={kind} onChange={setKind} options={kinds} />
        <Filter label={words.activity.outcome} value={outcome} onChange={setOutcome} options={outcomes} />
      </Box>
      {runs.error !== null && <Problem failure={runs.error} />}
      {shown.length === 0 && known.length > 0 ? (
        <Typography color="text.secondary" role="status">
          {words.activity.noneSuch}
        </Typography>
      ) : (
        <RunLines runs={shown} />
      )}
    </>
  );
}

interface FilterProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly (readonly [value: string, shown: string])[];
}

function Filter({ label, value, onChange, options }: FilterProps): ReactElement {
  return (
    <TextField
      select
      size="small"
      label={label}
      value={value}
      onChange={({ target }) => onChange(target.value)}
      slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      sx={{ minWidth: 150, flex: { xs: 1, sm: "none" } }}
    >
      <MenuItem value={all}>{words.activity.all}</MenuItem>
      {options.map(([one, shown]) => (
        <MenuItem key={one} value={one}>
          {shown}
        </MenuItem>
      ))}
    </TextField>
  );
}
