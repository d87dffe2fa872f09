import type { Manifest } from "../contract/manifest.ts";
import { formatBytes, formatDuration } from "./format-amounts.ts";

/** How long a backup held its module, what for, and what a hold for the whole archive would have cost. */
export function describeHold({ ms, passes }: Manifest["hold"]): string {
  if (ms === null) return "not held";
  const held = `held for ${formatDuration(ms)}`;
  const whole = passes?.[0];
  const caughtUp = passes?.at(-1);
  if (whole === undefined || caughtUp === undefined || passes === undefined || passes.length < 2) return held;
  const amount = `${caughtUp.entries} ${caughtUp.entries === 1 ? "entry" : "entries"} (${formatBytes(caughtUp.bytes)})`;
  const instead = whole.ms > ms ? `; reading everything held would have taken ${formatDuration(whole.ms)}` : "";
  return `${held} to catch up with ${amount}${instead}`;
}
