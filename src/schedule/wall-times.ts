import { createTask, parse } from "node-cron";

/**
 * The times of a cron expression as a clock on the wall shows them, free of zones: milliseconds as wallClock() gives them,
 * always whole minutes.
 */
export interface WallTimes {
  /** The last time after `after` and up to `until`; null where there is none. */
  latest(after: number, until: number): number | null;
  /** The first time after `after`; null where there is none within eight years. */
  next(after: number): number | null;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;
// The 29th of February can be eight years away.
const furthestDays = 8 * 366;

// node-cron remembers every task that it was ever asked for, so each expression is made once.
const known = new Map<string, WallTimes>();

/** Reads an expression as node-cron does; seconds, where it has them, are dropped. Throws Error for a bad one. */
export function wallTimes(expression: string): WallTimes {
  const times = known.get(expression) ?? readExpression(expression);
  known.set(expression, times);
  return times;
}

function readExpression(expression: string): WallTimes {
  const { second, minute, hour } = parse(expression);
  const times = hour.flatMap((h) => minute.map((m) => (h * 60 + m) * minuteMs)).toSorted((a, b) => a - b);
  const first = (times[0] ?? 0) + (second[0] ?? 0) * 1000;
  // In UTC a wall's reading is its own instant, so node-cron can be asked about each day.
  const task = createTask(expression, () => undefined, { timezone: "UTC" });
  const isDay = (day: number): boolean => task.match(new Date(day + first));
  return {
    latest: (after, until) => {
      for (let day = startOfDay(until); day + dayMs > after; day -= dayMs) {
        if (startOfDay(until) - day > furthestDays * dayMs) return null;
        const found = times.findLast((time) => day + time <= until);
        if (found === undefined || !isDay(day)) continue;
        return day + found > after ? day + found : null;
      }
      return null;
    },
    next: (after) => {
      for (let day = startOfDay(after), days = 0; days <= furthestDays; day += dayMs, days++) {
        const found = times.find((time) => day + time > after);
        if (found !== undefined && isDay(day)) return day + found;
      }
      return null;
    },
  };
}

function startOfDay(wall: number): number {
  return Math.floor(wall / dayMs) * dayMs;
}
