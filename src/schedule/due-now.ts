import type { RunTrigger } from "../contract/run-event.ts";
import { wallClock } from "../contract/wall-clock.ts";
import { instantOf } from "./instant-of.ts";
import type { ScheduleEntry } from "./schedule-state.ts";
import { wallTimes } from "./wall-times.ts";

export interface Due {
  /** What is known of the module from now on. */
  entry: ScheduleEntry;
  /** Why a run is due; null where none is. */
  trigger: Extract<RunTrigger, "schedule" | "catch-up"> | null;
  /** Something that a person should read in the log. */
  note: string | null;
}

const dayMs = 86_400_000;
/** A run that is begun so long after its time was missed, not late. */
const lateMs = 90_000;
/** A run that took Davit down with it twice is not begun a third time before its next due time. */
const mostAttempts = 2;

/**
 * Whether a run is due, given what was known of the module before (nothing for a new one). Pure. All is reckoned in what the
 * wall clock shows, which makes a change of the clocks come out right by itself: skipped times lie behind the clock once it
 * has jumped, and times that come again are already seen. However many runs were missed, one makes up for them. Throws for
 * an expression or zone that can't be read.
 */
export function dueNow(
  settings: { schedule: string; timezone: string },
  before: ScheduleEntry | undefined,
  now: Date,
): Due {
  const { schedule, timezone } = settings;
  const clock = wallClock(timezone);
  const wall = Math.floor(clock(now) / 60_000) * 60_000;
  const times = wallTimes(schedule);
  const fresh: ScheduleEntry = { schedule, timezone, seen: wall, unfinished: 0 };
  if (before === undefined) return { entry: fresh, trigger: null, note: null };
  if (before.schedule !== schedule || before.timezone !== timezone)
    return { entry: fresh, trigger: null, note: "the schedule was changed" };
  if (before.seen - wall > dayMs)
    return { entry: fresh, trigger: null, note: "the clock was set back by more than a day: the schedule begins anew" };
  const due = times.latest(before.seen, wall);
  const seen = Math.max(before.seen, wall);
  if (due === null) return { entry: { ...before, seen }, trigger: null, note: null };
  const late = now.getTime() - instantOf(due, clock).getTime();
  return { entry: { ...fresh, seen }, trigger: late > lateMs ? "catch-up" : "schedule", note: null };
}

/** Whether a run that was begun and cut off by a crash is to be begun again. */
export function isUnfinished(entry: ScheduleEntry | undefined): entry is ScheduleEntry {
  return entry !== undefined && entry.unfinished > 0 && entry.unfinished < mostAttempts;
}
