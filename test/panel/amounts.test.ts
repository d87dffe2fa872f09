import { describe, expect, it } from "vitest";
import { ago, grouped, size } from "../../extension/src/amounts.ts";

const amounts = [
  0, 1, 9, 10, 999, 1000, 1023, 1024, 1075, 1536, 9999, 10_239, 10_240, 123_456, 5_000_000, 987_654_321, 2e12, 3e15,
  7e18,
];

describe("amounts are written as Intl writes them in English", () => {
  it.each(amounts)("%d", (amount) => {
    expect(grouped(amount)).toBe(amount.toLocaleString("en"));
    const power = amount < 1024 ? 0 : Math.min(5, Math.floor(Math.log2(amount) / 10));
    const value = amount / 1024 ** power;
    const digits = value < 10 && power > 0 ? 1 : 0;
    expect(size(amount)).toBe(
      `${value.toLocaleString("en", { maximumFractionDigits: digits })} ${["B", "KiB", "MiB", "GiB", "TiB", "PiB"][power]}`,
    );
  });

  const [second, minute, hour, day] = [1, 60, 3600, 86_400];
  it.each([
    [0, 0, "second"],
    [-1, -1, "second"],
    [59, 59, "second"],
    [-minute, -1, "minute"],
    [90 * second, 2, "minute"],
    [-2 * hour, -2, "hour"],
    [23 * hour, 23, "hour"],
    [-day, -1, "day"],
    [day, 1, "day"],
    [-59 * day, -59, "day"],
    [-90 * day, -3, "month"],
    [400 * day, 13, "month"],
  ] as const)("an instant %d seconds from now", (seconds, value, unit) => {
    const now = Date.parse("2026-11-26T12:00:00Z");
    const expected = new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(value, unit);
    expect(ago(new Date(now + seconds * 1000).toISOString(), now)).toBe(expected);
  });
});
