import type { DoctorCheck } from "../contract/api.ts";

export interface ClockToCheck {
  /** What the clock on the wall shows now. */
  wall: string;
  timezone: string;
  /** Ids of backups that are dated after now. */
  future: readonly string[];
}

/** Whether the clock agrees with the backups that there are. */
export function checkClock({ wall, timezone, future }: ClockToCheck): DoctorCheck {
  const name = "clock";
  const [first] = future;
  if (first === undefined) return { name, status: "ok", message: `it is ${wall} in ${timezone}` };
  return {
    name,
    status: "warning",
    message: `it is ${wall} in ${timezone}, but ${future.length} of the backups are dated later, as ${first} is`,
    hint: "set the clock right (timedatectl, NTP); if it was wrong before and is right now, nothing needs to be done: such backups are kept",
  };
}
