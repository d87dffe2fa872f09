import { describe, expect, it } from "vitest";
import { createPace, type PaceClock } from "../../src/verify/pace.ts";

/** A clock that goes on only by what is waited for, or by hand. */
class FakeClock implements PaceClock {
  ms = 1000;
  readonly waits: number[] = [];

  now(): number {
    return this.ms;
  }

  async wait(ms: number): Promise<void> {
    this.waits.push(ms);
    this.ms += ms;
  }
}

const chunk = 256 * 1024;

describe("the pace of reading", () => {
  it("is the rate, over however many bytes", async () => {
    const clock = new FakeClock();
    const pace = createPace(50_000_000, undefined, clock);
    for (let read = 0; read < 500_000_000; read += chunk) await pace(chunk);
    expect(clock.ms - 1000).toBeGreaterThan(9990);
    expect(clock.ms - 1000).toBeLessThan(10_010);
  });

  it("counts the time that the reading itself takes", async () => {
    const clock = new FakeClock();
    const pace = createPace(1_000_000, undefined, clock);
    for (let second = 0; second < 10; second++) {
      clock.ms += 400;
      await pace(500_000);
    }
    expect(clock.ms).toBe(6000);
    const slow = new FakeClock();
    const behind = createPace(1_000_000, undefined, slow);
    for (let second = 0; second < 10; second++) {
      slow.ms += 1000;
      await behind(500_000);
    }
    expect(slow.waits).toEqual([]);
  });

  it("does not make up for what was not read for long", async () => {
    const clock = new FakeClock();
    const pace = createPace(1_000_000, undefined, clock);
    clock.ms += 3_600_000;
    const before = clock.ms;
    for (let times = 0; times < 10; times++) await pace(1_000_000);
    expect(clock.ms - before).toBe(9000);
  });

  it("waits for nothing without a limit, nor for less than a millisecond", async () => {
    const clock = new FakeClock();
    const unlimited = createPace(0, undefined, clock);
    for (let times = 0; times < 1000; times++) await unlimited(1_000_000_000);
    const pace = createPace(1_000_000, undefined, clock);
    await pace(999);
    expect(clock.waits).toEqual([]);
    await pace(999);
    expect(clock.waits).toHaveLength(1);
  });

  it("ends at once when it is cancelled, in the middle of a long wait or before", async () => {
    const cancel = new AbortController();
    const pace = createPace(1, cancel.signal);
    const waiting = pace(1_000_000);
    cancel.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    await expect(pace(1)).rejects.toMatchObject({ name: "AbortError" });
  });
});
