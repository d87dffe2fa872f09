import { CircleCheck, CircleMinus, CircleX, TriangleAlert } from "lucide-react";
import type { ReactElement } from "react";

/** How good or bad something is; never told by colour alone. */
export type Tone = "good" | "warn" | "bad" | "off";

const signs = { good: CircleCheck, warn: TriangleAlert, bad: CircleX, off: CircleMinus } as const;

/** The sign that goes with a tone; what it stands beside says it in words. */
export function ToneSign({ tone, size = 20 }: { tone: Tone; size?: number }): ReactElement {
  const Sign = signs[tone];
  return <Sign size={size} strokeWidth={2.25} aria-hidden className={`sign tone-${tone}`} />;
}
