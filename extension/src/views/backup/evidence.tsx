import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import type { ReactElement } from "react";
import type { Evidence as Record } from "../../../../src/contract/manifest.ts";
import { duration } from "../../amounts.ts";
import { Instant } from "../../parts/instant.tsx";
import { Printed } from "../../parts/printed.tsx";
import { Told } from "../../parts/told.tsx";
import { ToneSign } from "../../parts/tone.tsx";
import { words } from "../../words.ts";

/** What was proved of a backup, and when; newest first, with what the containers of a drill printed. */
export function Evidence({ evidence }: { evidence: readonly Record[] }): ReactElement {
  if (evidence.length === 0) return <Typography color="text.secondary">{words.backup.noEvidence}</Typography>;
  return (
    <Box sx={{ display: "grid", gap: 1.5 }}>
      {evidence.toReversed().map((one) => (
        <Paper key={`${one.kind} ${one.at}`} variant="outlined" sx={{ p: 2, minWidth: 0, overflowWrap: "anywhere" }}>
          <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1 }}>
            <ToneSign tone={one.ok ? "good" : "bad"} size={18} />
            <Typography variant="h3" component="h2">
              {one.ok ? words.backup.proofs[one.kind] : words.backup.failedProofs[one.kind]}
            </Typography>
            <Typography variant="body2" color="text.secondary">
              <Instant at={one.at} exact />,{" "}
              {one.kind === "drilled" && one.ok ? words.proof.recovered(duration(one.ms)) : duration(one.ms)}
            </Typography>
          </Box>
          {one.detail !== undefined && (
            <Typography variant="body2" sx={{ mt: 0.75 }}>
              <Told text={one.detail} />
            </Typography>
          )}
          {(one.findings ?? []).map(({ message, hint }) => (
            <Typography key={message} variant="body2" sx={{ mt: 0.75 }}>
              <Told text={message} />
              {hint !== undefined && (
                <Box component="span" sx={{ color: "text.secondary" }}>
                  {" "}
                  <Told text={hint} />
                </Box>
              )}
            </Typography>
          ))}
          {(one.logs ?? []).map(({ container, text }) => (
            <Box key={container} sx={{ mt: 1 }}>
              <Typography variant="body2" sx={{ fontWeight: 600 }}>
                {words.backup.printed(container)}
              </Typography>
              <Printed text={text} tallest={260} />
            </Box>
          ))}
        </Paper>
      ))}
    </Box>
  );
}
