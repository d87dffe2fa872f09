type WallClock = (instant: Date) => number;

/** Making one takes a hundred times as long as asking it. There are no more than zones, of which a host uses one or two. */
const known = new Map<string, WallClock>();

/**
 * What a clock on the wall of a zone shows: the returned function turns an instant into the milliseconds since 1970 that
 * the same reading would be in UTC. Throws RangeError for a zone that does not exist.
 */
export function wallClock(zone: string): WallClock {
  const clock = known.get(zone) ?? makeClock(zone);
  known.set(zone, clock);
  return clock;
}

function makeClock(zone: string): WallClock {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map((part) => [part.type, Number(part.value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  };
}
