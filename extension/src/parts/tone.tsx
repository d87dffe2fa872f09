import { CircleCheck, CircleMinus, CircleX, TriangleAlert } from "lucide";
import type { ReactElement } from "react";
import { Sign } from "./sign.tsx";

/** How good or bad something is; never told by colour alone. */
export type Tone = "good" | "warn" | "bad" | "off";

const signs = { good: CircleCheck, warn: TriangleAlert, bad: CircleX, off: CircleMinus } as const;

/** The sign that goes with a tone; what it stands beside says it in words. */
export function ToneSign({ tone, size = 20 }: { tone: Tone; size?: number }): ReactElement {
  const sign = signs[tone];
  return <Sign of={sign} size={size} strokeWidth={2.25} className={`sign tone-${tone}`} />;
}
