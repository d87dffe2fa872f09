import { setImmediate } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createScheduler } from "../../src/schedule/create-scheduler.ts";
import type { Job } from "../../src/schedule/jobs-of.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

type Kind = "full" | "incremental";

describe("a job that does what another would do that is due with it", () => {
  it("goes first, and the other one is left out", async () => {
    const { pass, ran, logged } = await scene([job("full", "0 1 * * 0"), job("incremental", "0 1 * * *")]);
    await pass("2026-11-22T02:00:00Z");
    expect(ran).toEqual(["2026-11-22T01:00 full"]);
    await vi.waitFor(() => expect(logged).toContain("left out a run: another that was due with it did its work"));
    await pass("2026-11-23T02:00:00Z");
    expect(ran).toEqual(["2026-11-22T01:00 full", "2026-11-23T01:00 incremental"]);
  });

  it("fails, and the other one is done", async () => {
    const { pass, ran } = await scene([job("full", "0 1 * * 0"), job("incremental", "0 1 * * *")], ["full"]);
    await pass("2026-11-22T01:00:00Z");
    await vi.waitFor(() => expect(ran).toEqual(["2026-11-22T01:00 full", "2026-11-22T01:00 incremental"]));
  });

  it("covers nothing that is due at another time, or of another machine", async () => {
    const { pass, ran } = await scene([
      job("full", "0 1 * * *"),
      job("incremental", "1 1 * * *"),
      { ...job("incremental", "0 1 * * *"), module: "web" },
    ]);
    await pass("2026-11-22T02:00:00Z");
    expect(ran.toSorted()).toEqual([
      "2026-11-22T01:00 full",
      "2026-11-22T01:00 incremental",
      "2026-11-22T01:01 incremental",
    ]);
  });
});

function job(kind: Kind, schedule: string): Job<Kind> {
  return { kind, module: "vm", schedule, timezone: "UTC" };
}

/** A schedule of jobs, of which those of the kinds `failing` fail. It begins in the night to a Sunday. */
async function scene(jobs: readonly Job<Kind>[], failing: readonly Kind[] = []) {
  let now = new Date("2026-11-22T00:00:00Z");
  const ran: string[] = [];
  const logged: string[] = [];
  const note = (_: object, message: string): void => void logged.push(message);
  const scheduler = createScheduler<Kind>({
    jobs: () => jobs,
    run: async ({ kind }) => {
      ran.push(`${now.toISOString().slice(0, 16)} ${kind}`);
      if (failing.includes(kind)) throw new Error("no space");
    },
    covers: (kind, other) => kind === "full" && other === "incremental",
    stateDir: await scratchFolder(),
    log: { info: note, warn: note, error: note },
    now: () => now,
  });
  onTestFinished(() => scheduler.stop());
  const pass = async (until: string): Promise<void> => {
    for (; ; now = new Date(now.getTime() + 60_000)) {
      await scheduler.look();
      // What was begun ends before the clock moves on.
      for (let turn = 0; turn < 20; turn++) await setImmediate();
      if (now >= new Date(until)) return;
    }
  };
  return { pass, ran, logged };
}
