export type Period = "hourly" | "daily" | "weekly" | "monthly" | "yearly";

/**
 * A name for the hour, day, ISO week, month or year that an instant falls into by the given wall clock. The two passes of
 * an hour that comes twice are two hours.
 */
export function periodOf(instant: Date, period: Period, clock: (instant: Date) => number): string {
  const wall = clock(instant);
  const text = new Date(wall).toISOString();
  switch (period) {
    case "hourly":
      return `${text.slice(0, 13)} ${wall - instant.getTime()}`;
    case "daily":
      return text.slice(0, 10);
    case "weekly":
      return mondayOf(wall);
    case "monthly":
      return text.slice(0, 7);
    case "yearly":
      return text.slice(0, 4);
  }
}

function mondayOf(wall: number): string {
  const day = new Date(wall);
  const sinceMonday = (day.getUTCDay() + 6) % 7;
  return new Date(wall - sinceMonday * 86_400_000).toISOString().slice(0, 10);
}
