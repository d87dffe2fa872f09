import Box from "@mui/material/Box";
import { CircleCheck, CircleMinus, CircleX, TriangleAlert } from "lucide-react";
import type { ReactElement } from "react";

/** How good or bad something is; never told by colour alone. */
export type Tone = "good" | "warn" | "bad" | "off";

export const toneColours = {
  good: "success.main",
  warn: "warning.main",
  bad: "error.main",
  off: "text.secondary",
} as const satisfies Record<Tone, string>;

const signs = { good: CircleCheck, warn: TriangleAlert, bad: CircleX, off: CircleMinus } as const;

/** The sign that goes with a tone; what it stands beside says it in words. */
export function ToneSign({ tone, size = 20 }: { tone: Tone; size?: number }): ReactElement {
  const Sign = signs[tone];
  return (
    <Box component="span" aria-hidden sx={{ color: toneColours[tone], display: "inline-flex", flex: "none" }}>
      <Sign size={size} strokeWidth={2.25} />
    </Box>
  );
}
