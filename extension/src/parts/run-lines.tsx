import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import type { ReactElement } from "react";
import type { RunSummary } from "../../../src/contract/run-event.ts";
import { counted, duration } from "../amounts.ts";
import { words } from "../words.ts";
import { Instant } from "./instant.tsx";
import { LiveRun } from "./live-run.tsx";
import { Rows } from "./rows.tsx";
import { Told } from "./told.tsx";
import { type Tone, ToneSign } from "./tone.tsx";

const tones = { ok: "good", failed: "bad", cancelled: "off", interrupted: "bad" } as const satisfies Record<
  string,
  Tone
>;

/** Runs, a line each. */
export function RunLines({ runs }: { runs: readonly RunSummary[] }): ReactElement {
  if (runs.length === 0) return <Typography color="text.secondary">{words.activity.none}</Typography>;
  return (
    <Rows>
      {runs.map((run) => (
        <Box component="li" key={run.run} sx={{ px: 2, py: 1.25 }}>
          <RunLine run={run} />
        </Box>
      ))}
    </Rows>
  );
}

function RunLine({ run }: { run: RunSummary }): ReactElement {
  const { kind, module, outcome, started, ended, failure, warnings, trigger } = run;
  const took = ended === null ? null : duration(Date.parse(ended) - Date.parse(started));
  const tone = outcome === null ? "off" : warnings > 0 && outcome === "ok" ? "warn" : tones[outcome];
  const facts = [
    words.activity.triggers[trigger],
    ...(took === null ? [] : [words.activity.took(took)]),
    ...(warnings > 0 ? [counted(warnings, "warning")] : []),
  ];
  return (
    <>
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: 1, rowGap: 0.25 }}>
        {outcome !== null && <ToneSign tone={tone} size={17} />}
        <Link href={`#/activity/${run.run}`} underline="hover" color="inherit" sx={{ fontWeight: 600 }}>
          {words.kinds[kind] ?? kind}
        </Link>
        <Typography component="span" variant="body2" sx={{ overflowWrap: "anywhere" }}>
          {module}
        </Typography>
        <Typography component="span" variant="body2" color="text.secondary" sx={{ flex: "1 1 auto" }}>
          {outcome === null ? "" : words.outcomes[outcome]} · {facts.join(" · ")}
        </Typography>
        <Typography component="span" variant="body2" color="text.secondary">
          <Instant at={started} />
        </Typography>
      </Box>
      {outcome === null && (
        <Box sx={{ mt: 1 }}>
          <LiveRun run={run.run} />
        </Box>
      )}
      {failure !== null && (
        <Typography variant="body2" sx={{ mt: 0.5, color: "error.main", overflowWrap: "anywhere" }}>
          <Told text={failure.message} />
        </Typography>
      )}
    </>
  );
}
