import { describe, expect, it } from "vitest";
import { nextRun } from "../../src/schedule/next-run.ts";

describe("the next run", () => {
  it.each([
    ["every day", "0 2 * * *", "UTC", "2026-11-22T01:59:59Z", "2026-11-22T02:00:00.000Z"],
    ["not the minute that has begun", "0 2 * * *", "UTC", "2026-11-22T02:00:00Z", "2026-11-23T02:00:00.000Z"],
    ["in the module's zone", "0 2 * * *", "Asia/Kolkata", "2026-11-22T00:00:00Z", "2026-11-22T20:30:00.000Z"],
    ["every quarter of an hour", "*/15 * * * *", "UTC", "2026-11-22T23:50:00Z", "2026-11-23T00:00:00.000Z"],
    ["on a weekday", "30 4 * * mon", "Europe/Berlin", "2026-11-22T12:00:00Z", "2026-11-23T03:30:00.000Z"],
    ["on the last of a month", "0 2 L * *", "UTC", "2027-02-01T00:00:00Z", "2027-02-28T02:00:00.000Z"],
    ["on a leap day", "0 2 29 2 *", "UTC", "2026-11-22T00:00:00Z", "2028-02-29T02:00:00.000Z"],
    ["with seconds, which are dropped", "30 0 2 * * *", "UTC", "2026-11-22T00:00:00Z", "2026-11-22T02:00:00.000Z"],
    ["at a skipped time", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00.000Z"],
    ["at a skipped half hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", "2026-10-03T15:30:00.000Z"],
    ["on a skipped day", "0 2 30 12 *", "Pacific/Apia", "2011-12-29T20:00:00Z", "2011-12-30T10:00:00.000Z"],
    ["first of a doubled time", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00.000Z"],
    [
      "not the second of a doubled time",
      "30 2 * * *",
      "Europe/Berlin",
      "2026-10-25T00:30:00Z",
      "2026-10-26T01:30:00.000Z",
    ],
    ["in America as well", "30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", "2026-03-08T07:00:00.000Z"],
  ])("comes %s", (_, expression, zone, now, expected) => {
    expect(nextRun(expression, zone, new Date(now))?.toISOString()).toBe(expected);
  });

  it("is unknown for what never comes or can't be read", () => {
    const now = new Date("2026-11-22T00:00:00Z");
    expect(nextRun("0 2 31 2 *", "UTC", now)).toBeNull();
    expect(nextRun("at night", "UTC", now)).toBeNull();
    expect(nextRun("0 2 * * *", "Europe/Berlim", now)).toBeNull();
  });
});
