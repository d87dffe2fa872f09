import { wallClock } from "../contract/wall-clock.ts";
import { instantOf } from "./instant-of.ts";
import { wallTimes } from "./wall-times.ts";

/**
 * When a schedule is due next after `now`, as the scheduler will do it: a wall time that a change of the clocks skips comes at
 * the next possible minute, one that comes twice comes once. Null for an expression that never comes or can't be read.
 */
export function nextRun(expression: string, zone: string, now: Date): Date | null {
  try {
    const clock = wallClock(zone);
    const times = wallTimes(expression);
    for (let wall = times.next(clock(now)); wall !== null; wall = times.next(wall)) {
      const instant = instantOf(wall, clock);
      if (instant > now) return instant;
    }
    return null;
  } catch {
    return null;
  }
}
