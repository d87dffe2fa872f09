import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import type { ReactElement } from "react";
import type { RestorePreview } from "../../../../src/contract/api.ts";
import type { BackupSummary } from "../../../../src/contract/manifest.ts";
import type { Overview } from "../../../../src/contract/overview.ts";
import { counted, duration, size } from "../../amounts.ts";
import { useAnswer } from "../../data/queries.ts";
import { Name } from "../../parts/name.tsx";
import { words } from "../../words.ts";

const text = words.restore;

interface ConsequencesProps {
  path: string;
  preview: RestorePreview | null;
  /** Whether a preview is on its way. */
  asked: boolean;
}

/** What a restore will do, in sentences. */
export function Consequences({ path, preview, asked }: ConsequencesProps): ReactElement | null {
  const backup = useAnswer<BackupSummary>(path);
  const overview = useAnswer<Overview>("/api/v1/overview");
  if (!asked) return null;
  if (preview === null) return <Skeleton variant="rounded" height={96} sx={{ mt: 1 }} />;
  const { entries, bytes, created, replaced, stops, keptAside } = preview;
  const drilled = backup.data?.evidence.findLast((one) => one.kind === "drilled" && one.ok);
  const free = overview.data?.vault.freeBytes ?? null;
  const lines = [
    text.comesBack(counted(entries, "entry", "entries"), size(bytes)),
    ...(created > 0 ? [text.creates(created.toLocaleString("en"))] : []),
    ...(replaced > 0 ? [text.replaces(replaced.toLocaleString("en"))] : []),
    ...(stops.length > 0 ? [text.stops(stops.join(", "))] : []),
    ...keptAside.map(text.aside),
    ...(free !== null && free < bytes ? [text.tight(size(free))] : []),
    ...(drilled === undefined ? [] : [text.expected(duration(drilled.ms))]),
  ];
  return (
    <Box sx={{ mt: 1.5, p: 2, bgcolor: "background.default", borderRadius: 1 }} role="status">
      <Typography variant="body2" sx={{ fontWeight: 650, mb: 0.5 }}>
        {text.will}
      </Typography>
      <Box component="ul" sx={{ m: 0, pl: 2.5, fontSize: "0.9rem", overflowWrap: "anywhere" }}>
        {lines.map((line) => (
          <li key={line}>
            <Name text={line} />
          </li>
        ))}
      </Box>
    </Box>
  );
}
