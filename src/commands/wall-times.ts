import { wallClock } from "../contract/wall-clock.ts";

/** Writes instants (milliseconds since 1970) as the wall clock of a zone shows them: `2026-11-22 03:00:00`. */
export function wallTimes(zone: string): (ms: number) => string {
  const clock = wallClock(zone);
  // Asking for each of a million files would take a minute; no zone changes within a quarter of an hour.
  const offsets = new Map<number, number>();
  return (ms) => {
    const quarter = Math.floor(ms / quarterMs);
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      if (offsets.size >= remembered) offsets.clear();
      const start = new Date(quarter * quarterMs);
      offset = clock(start) - start.getTime();
      offsets.set(quarter, offset);
    }
    return new Date(ms + offset).toISOString().slice(0, 19).replace("T", " ");
  };
}

const quarterMs = 15 * 60_000;
const remembered = 10_000;
