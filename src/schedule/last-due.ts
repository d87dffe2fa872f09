import { wallClock } from "../contract/wall-clock.ts";
import { instantOf } from "./instant-of.ts";
import { wallTimes } from "./wall-times.ts";

/** How far back a due time is looked for. */
const lookBackMs = 400 * 86_400_000;

/** When a schedule was due last, up to `now`; null for one that never was, or that can't be read. */
export function lastDue(expression: string, zone: string, now: Date): Date | null {
  try {
    const clock = wallClock(zone);
    const wall = clock(now);
    const due = wallTimes(expression).latest(wall - lookBackMs, wall);
    return due === null ? null : instantOf(due, clock);
  } catch {
    return null;
  }
}
