import { expect, it } from "vitest";
import { describeHold } from "../../src/commands/describe-hold.ts";

const mode = "pause";
const consistent = true;
const whole = { entries: 100_000, bytes: 2_000_000_000, ms: 80_000 };

it("tells what a hold was for, and what it saved", () => {
  const passes = [whole, { entries: 12, bytes: 3 * 1024 * 1024, ms: 290 }];
  expect(describeHold({ mode, consistent, ms: 310, passes })).toBe(
    "held for 310 ms to catch up with 12 entries (3.0 MiB); reading everything held would have taken 1 min 20 s",
  );
});

it("says nothing of what it did not save", () => {
  const passes = [
    { entries: 3, bytes: 12, ms: 20 },
    { entries: 1, bytes: 4, ms: 4 },
  ];
  expect(describeHold({ mode, consistent, ms: 60, passes })).toBe("held for 60 ms to catch up with 1 entry (4 B)");
});

it("tells of backups without a hold, and of those that tell no passes", () => {
  expect(describeHold({ mode: "live", consistent: false, ms: null, passes: [whole] })).toBe("not held");
  expect(describeHold({ mode, consistent, ms: 90_000 })).toBe("held for 1 min 30 s");
});
