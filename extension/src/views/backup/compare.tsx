import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { type ReactElement, useState } from "react";
import type { BackupRow } from "../../../../src/contract/api.ts";
import type { Change, ChangeKind, ComparePage } from "../../../../src/contract/browse.ts";
import { backupInstant, clock, size } from "../../amounts.ts";
import { useAnswer } from "../../data/queries.ts";
import { usePages } from "../../data/use-pages.ts";
import { MoreButton } from "../../parts/more-button.tsx";
import { Name } from "../../parts/name.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Rows } from "../../parts/rows.tsx";
import { words } from "../../words.ts";

const text = words.compare;

interface CompareProps {
  /** The backup's route. */
  path: string;
  module: string;
  time: string;
}

/** What is in this backup and was not in another one, and the other way round. */
export function Compare({ path, module, time }: CompareProps): ReactElement {
  const backups = useAnswer<{ backups: BackupRow[] }>(`/api/v1/backups?module=${module}`);
  const [chosen, setChosen] = useState<string | null>(null);
  const others = (backups.data?.backups ?? []).filter((row) => row.time !== time && row.problem === null);
  // The one before it is what most people want to know.
  const other = chosen ?? (others.find((row) => row.time < time) ?? others[0])?.time ?? null;
  if (backups.error !== null) return <Problem failure={backups.error} />;
  if (other === null)
    return <Typography color="text.secondary">{backups.isPending ? words.loading : text.none}</Typography>;
  return (
    <>
      <TextField
        select
        size="small"
        label={text.with}
        value={other}
        onChange={({ target }) => setChosen(target.value)}
        sx={{ minWidth: 220, mb: 1.5 }}
      >
        {others.map((row) => (
          <MenuItem key={row.time} value={row.time}>
            {clock(backupInstant(row.time))}
          </MenuItem>
        ))}
      </TextField>
      <Differences key={other} path={path} other={other} />
    </>
  );
}

const kinds = ["added", "changed", "removed"] as const;
const colours = { added: "success.main", changed: "warning.main", removed: "error.main" } as const;

function Differences({ path, other }: { path: string; other: string }): ReactElement {
  const [kind, setKind] = useState<ChangeKind | null>(null);
  const { pages, isPending, next, isFetchingNext, failure } = usePages<ComparePage>(
    `${path}/compare?with=${other}${kind === null ? "" : `&kind=${kind}`}`,
    (page) => page.changes.length,
  );
  const counts = pages[0]?.counts;
  if (failure !== null) return <Problem failure={failure} />;
  if (isPending || counts === undefined) return <Typography color="text.secondary">{words.loading}</Typography>;
  const changes = pages.flatMap((page) => page.changes);
  return (
    <>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, mb: 1.5 }} role="status">
        {kinds.map((one) => (
          <Chip
            key={one}
            label={`${text[one]} ${counts[one].toLocaleString("en")}`}
            variant={kind === one ? "filled" : "outlined"}
            aria-pressed={kind === one}
            onClick={() => setKind(kind === one ? null : one)}
          />
        ))}
      </Box>
      {changes.length === 0 && <Typography color="text.secondary">{text.same}</Typography>}
      {changes.length > 0 && (
        <Rows>
          {changes.map((change) => (
            <Line key={`${change.kind} ${change.path64 ?? change.path}`} change={change} />
          ))}
        </Rows>
      )}
      <MoreButton next={next} isFetchingNext={isFetchingNext} />
    </>
  );
}

function Line({ change: { kind, path, what, now, before } }: { change: Change }): ReactElement {
  const sizes = [before, now].flatMap((one) => (one?.type === "file" ? [size(one.size)] : []));
  const facts = [...what.map((one) => text.what[one]), ...(sizes.length > 0 ? [[...new Set(sizes)].join(" → ")] : [])];
  return (
    <Box
      component="li"
      sx={{
        display: "flex",
        flexWrap: "wrap",
        columnGap: 1.5,
        px: 2,
        py: 1,
        fontSize: "0.9rem",
      }}
    >
      <Box component="span" sx={{ color: colours[kind], fontWeight: 600, minWidth: 74 }}>
        {text[kind]}
      </Box>
      <Box component="span" sx={{ flex: "1 1 14rem", minWidth: 0, overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
        <Name text={path} />
      </Box>
      <Box component="span" sx={{ color: "text.secondary" }}>
        {facts.join(", ")}
      </Box>
    </Box>
  );
}
