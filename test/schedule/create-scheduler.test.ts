import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Module } from "../../src/contract/module.ts";
import type { RunTrigger } from "../../src/contract/run-event.ts";
import type { ModuleSettings } from "../../src/contract/settings.ts";
import { type Job, jobsOf } from "../../src/schedule/jobs-of.ts";
import { createScheduler, type Scheduler, type SchedulerOptions } from "../../src/schedule/create-scheduler.ts";

let stateDir: string;
let now: Date;
let modules: Pick<Module, "name" | "settings">[];
let ran: string[];
let logged: string[];
let run: (name: string, trigger: RunTrigger, kind: Job["kind"]) => Promise<void>;
let scheduler: Scheduler;

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), "davit-schedule-"));
  now = new Date("2026-11-22T00:00:00Z");
  modules = [module("nas", "0 2 * * *")];
  ran = [];
  logged = [];
  run = async (name, trigger) => {
    ran.push(`${now.toISOString().slice(0, 16)} ${name} ${trigger}`);
  };
  scheduler = create();
});
afterEach(async () => {
  await scheduler.stop();
  await rm(stateDir, { recursive: true, force: true });
});

describe("a schedule", () => {
  it("runs each module at its times in its zone", async () => {
    modules = [module("nas", "0 2 * * *"), module("web", "30 */12 * * *", "Asia/Kolkata")];
    await pass("2026-11-23T00:00:00Z");
    expect(ran).toEqual([
      "2026-11-22T02:00 nas schedule",
      "2026-11-22T07:00 web schedule",
      "2026-11-22T19:00 web schedule",
    ]);
  });

  it("follows modules that come, go and change their schedule", async () => {
    await pass("2026-11-22T01:00:00Z");
    modules = [module("nas", "30 1 * * *"), module("new", "0 0 * * *")];
    await pass("2026-11-22T03:00:00Z");
    modules = [];
    await pass("2026-11-23T03:00:00Z");
    expect(ran).toEqual(["2026-11-22T01:30 nas schedule"]);
  });

  it("goes on after a run that failed", async () => {
    run = async (name) => {
      ran.push(name);
      throw new Error("no space");
    };
    await pass("2026-11-24T00:00:00Z");
    expect(ran).toEqual(["nas", "nas"]);
    expect(logged).toContain("run failed");
  });

  it("leaves out a time that comes while the last run goes on, and does not make up for it", async () => {
    const gate = Promise.withResolvers<void>();
    modules = [module("nas", "0 * * * *"), module("web", "30 * * * *")];
    run = async (name) => {
      ran.push(`${now.toISOString().slice(11, 16)} ${name}`);
      if (name === "nas") await gate.promise;
    };
    await pass("2026-11-22T03:10:00Z");
    expect(ran).toEqual(["00:30 web", "01:00 nas", "01:30 web", "02:30 web"]);
    expect(logged.filter((line) => line.startsWith("left out"))).toHaveLength(2);
    gate.resolve();
    await pass("2026-11-22T04:10:00Z");
    expect(ran.at(-1)).toBe("04:00 nas");
    expect(ran).toHaveLength(6);
  });

  it("says which module has a schedule or zone that can't be read, and runs the others", async () => {
    modules = [module("bad", "at night"), module("far", "0 2 * * *", "Mars/Base"), ...modules];
    await pass("2026-11-22T03:00:00Z");
    expect(ran).toEqual(["2026-11-22T02:00 nas schedule"]);
    expect(logged).toContain("the module's schedule or zone can't be read");
  });
});

describe("drills", () => {
  beforeEach(() => {
    run = async (name, trigger, kind) => {
      ran.push(`${now.toISOString().slice(5, 16)} ${kind} ${name} ${trigger}`);
    };
  });

  it("have times of their own, beside those of backups", async () => {
    modules = [module("nas", "0 2 * * *", "UTC", "0 4 * * sun"), module("web", "0 3 * * *")];
    await pass("2026-11-23T00:00:00Z");
    expect(ran).toEqual([
      "11-22T02:00 backup nas schedule",
      "11-22T03:00 backup web schedule",
      "11-22T04:00 drill nas schedule",
    ]);
  });

  it("are none where they are off", async () => {
    const off = module("nas", "0 2 * * *", "UTC", "0 4 * * *");
    off.settings.drill.check = { type: "off" };
    modules = [off];
    await pass("2026-11-22T05:00:00Z");
    expect(ran).toEqual(["11-22T02:00 backup nas schedule"]);
  });

  it("wait for the backup of their module, and for that of no other", async () => {
    const gate = Promise.withResolvers<void>();
    modules = [module("nas", "0 2 * * *", "UTC", "0 2 * * *"), module("web", "0 2 * * *", "UTC", "1 2 * * *")];
    run = async (name, _, kind) => {
      ran.push(`${kind} ${name}`);
      if (name === "nas" && kind === "backup") await gate.promise;
    };
    await pass("2026-11-22T02:05:00Z");
    expect(ran).toEqual(["backup nas", "backup web", "drill web"]);
    gate.resolve();
    await expect.poll(() => ran.at(-1)).toBe("drill nas");
  });

  it("go on after a backup that failed", async () => {
    modules = [module("nas", "0 2 * * *", "UTC", "0 2 * * *")];
    run = async (_, __, kind) => {
      ran.push(kind);
      if (kind === "backup") throw new Error("no space");
    };
    await pass("2026-11-22T02:01:00Z");
    await expect.poll(() => ran).toEqual(["backup", "drill"]);
  });

  it("that were missed are made up for by one, each kind by itself", async () => {
    modules = [module("nas", "0 2 * * *", "UTC", "0 4 * * *")];
    await pass("2026-11-22T03:00:00Z");
    now = new Date("2026-11-25T03:30:00Z");
    await restart();
    await expect
      .poll(() => ran.slice(1))
      .toEqual(["11-25T03:30 backup nas catch-up", "11-25T03:30 drill nas catch-up"]);
  });

  it("that took Davit down with them twice are not begun a third time, and backups are", async () => {
    modules = [module("nas", "0 2 * * *", "UTC", "0 2 * * *")];
    run = (_, trigger, kind) => {
      ran.push(`${kind} ${trigger}`);
      return kind === "drill" ? new Promise(() => undefined) : Promise.resolve();
    };
    await pass("2026-11-22T02:10:00Z");
    await expect.poll(() => ran).toEqual(["backup schedule", "drill schedule"]);
    for (let crash = 0; crash < 3; crash++) {
      scheduler = create();
      await scheduler.look();
    }
    await settled();
    expect(ran).toEqual(["backup schedule", "drill schedule", "drill catch-up"]);
    await pass("2026-11-23T02:00:00Z");
    await expect.poll(() => ran.slice(3)).toEqual(["backup schedule", "drill schedule"]);
    run = async () => undefined;
    scheduler = create();
  });
});

describe("a change of the clocks", () => {
  it("runs a time that it skips at the next possible minute, once", async () => {
    modules = [module("nas", "30 2 * * *", "Europe/Berlin"), module("web", "*/20 * * * *", "Europe/Berlin")];
    now = new Date("2026-03-29T00:30:00Z");
    await pass("2026-03-29T01:30:00Z");
    expect(ran).toEqual([
      "2026-03-29T00:40 web schedule",
      "2026-03-29T01:00 nas schedule",
      "2026-03-29T01:00 web schedule",
      "2026-03-29T01:20 web schedule",
    ]);
  });

  it("runs a time that comes twice once", async () => {
    modules = [module("nas", "30 2 * * *", "Europe/Berlin")];
    now = new Date("2026-10-24T22:00:00Z");
    await pass("2026-10-26T12:00:00Z");
    expect(ran).toEqual(["2026-10-25T00:30 nas schedule", "2026-10-26T01:30 nas schedule"]);
  });

  it("runs a time that comes twice once also with a restart in between", async () => {
    modules = [module("nas", "30 2 * * *", "Europe/Berlin")];
    now = new Date("2026-10-24T22:00:00Z");
    await pass("2026-10-25T00:45:00Z");
    await restart();
    await pass("2026-10-25T12:00:00Z");
    expect(ran).toEqual(["2026-10-25T00:30 nas schedule"]);
  });

  it("set back by an hour by hand repeats nothing, by years begins anew", async () => {
    await pass("2026-11-22T02:30:00Z");
    now = new Date("2026-11-22T01:30:00Z");
    await pass("2026-11-22T12:00:00Z");
    expect(ran).toEqual(["2026-11-22T02:00 nas schedule"]);
    now = new Date("2020-01-01T00:00:00Z");
    await pass("2020-01-01T03:00:00Z");
    expect(ran.slice(1)).toEqual(["2020-01-01T02:00 nas schedule"]);
  });
});

describe("a restart", () => {
  it("makes up for missed runs with one", async () => {
    await pass("2026-11-22T03:00:00Z");
    now = new Date("2026-11-29T09:12:00Z");
    await restart();
    await pass("2026-11-30T03:00:00Z");
    expect(ran).toEqual([
      "2026-11-22T02:00 nas schedule",
      "2026-11-29T09:12 nas catch-up",
      "2026-11-30T02:00 nas schedule",
    ]);
  });

  it("makes up for a run missed before the first one ever", async () => {
    await scheduler.look();
    now = new Date("2026-11-22T09:00:00Z");
    await restart();
    await settled();
    expect(ran).toEqual(["2026-11-22T09:00 nas catch-up"]);
  });

  it("repeats no run that ended, and makes up for none that a new module never had", async () => {
    await pass("2026-11-22T02:00:00Z");
    modules = [...modules, module("new", "0 1 * * *")];
    await restart();
    await settled();
    expect(ran).toEqual(["2026-11-22T02:00 nas schedule"]);
  });

  it("begins a run again that a crash cut off, but not for ever", async () => {
    run = (name, trigger) => {
      ran.push(`${name} ${trigger}`);
      return new Promise(() => undefined);
    };
    await pass("2026-11-22T02:10:00Z");
    for (let crash = 0; crash < 3; crash++) {
      scheduler = create();
      await scheduler.look();
    }
    expect(ran).toEqual(["nas schedule", "nas catch-up"]);
    run = async () => undefined;
    scheduler = create();
  });

  it("begins a run again that stopping Davit cut off", async () => {
    const stop = Promise.withResolvers<void>();
    run = async (_, trigger) => {
      ran.push(trigger);
      await stop.promise;
    };
    await pass("2026-11-22T02:10:00Z");
    const stopped = scheduler.stop();
    stop.reject(new Error("cancelled"));
    await stopped;
    scheduler = create();
    await scheduler.look();
    expect(ran).toEqual(["schedule", "catch-up"]);
  });

  it("with a damaged state file says so and goes on", async () => {
    await writeFile(path.join(stateDir, "schedule.json"), '{"format":1,"modu');
    await pass("2026-11-22T02:30:00Z");
    expect(logged).toContain("the schedule begins anew");
    expect(ran).toEqual(["2026-11-22T02:00 nas schedule"]);
    expect(await readFile(path.join(stateDir, "schedule.json"), "utf8")).toContain('"nas"');
  });

  it("runs even where the state can't be written, and says so", async () => {
    stateDir = path.join(stateDir, "not-there");
    scheduler = create();
    await pass("2026-11-22T02:30:00Z");
    expect(ran).toEqual(["2026-11-22T02:00 nas schedule"]);
    expect(logged).toContain("can't write down what was due");
  });
});

describe("the random delay", () => {
  it("is a part of the longest one, of its own for each run", async () => {
    const parts = [0.5, 0];
    const begun = new Map<string, number>();
    run = async (name) => void begun.set(name, performance.now());
    modules = [module("late", "0 2 * * *"), module("soon", "0 2 * * *")];
    scheduler = create({ jitterMs: 400, random: () => parts.shift() ?? Number.NaN });
    await scheduler.look();
    now = new Date("2026-11-22T02:00:00Z");
    const from = performance.now();
    await scheduler.look();
    await expect.poll(() => [...begun.keys()]).toEqual(["soon", "late"]);
    // A timer may be early by the part of a millisecond that it counts in.
    expect((begun.get("late") ?? 0) - from).toBeGreaterThanOrEqual(199);
    expect(parts).toEqual([]);
  });

  it("ends at once when Davit stops, and the run is made up for", async () => {
    scheduler = create({ jitterMs: 3_600_000, random: () => 0.5 });
    await scheduler.look();
    now = new Date("2026-11-22T02:00:00Z");
    await scheduler.look();
    await scheduler.stop();
    expect(ran).toEqual([]);
    scheduler = create();
    await scheduler.look();
    await settled();
    expect(ran).toEqual(["2026-11-22T02:00 nas catch-up"]);
  });

  it("counts as the run that goes on: no second one begins meanwhile", async () => {
    modules = [module("nas", "* * * * *")];
    scheduler = create({ jitterMs: 3_600_000, random: () => 0.5 });
    await pass("2026-11-22T00:03:00Z");
    expect(ran).toEqual([]);
    expect(logged.filter((line) => line.startsWith("left out"))).toHaveLength(2);
  });
});

describe("with real minutes", () => {
  beforeEach(() =>
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"] }),
  );
  afterEach(() => vi.useRealTimers());

  it("looks each minute", async () => {
    vi.setSystemTime("2026-11-22T01:58:30Z");
    scheduler = create({ now: () => new Date() });
    await scheduler.start();
    const begun = Promise.withResolvers<Date>();
    run = async () => begun.resolve(new Date());
    await vi.advanceTimersByTimeAsync(91_000);
    expect((await begun.promise).toISOString()).toMatch(/^2026-11-22T02:00:0/u);
  });
});

function create(more: Partial<SchedulerOptions> = {}): Scheduler {
  const note = (_: object, message: string): void => void logged.push(message);
  const log = { info: note, warn: note, error: note };
  return createScheduler({
    jobs: () => modules.flatMap(jobsOf),
    run: ({ kind, module: name }, trigger) => run(name, trigger, kind),
    stateDir,
    log,
    now: () => now,
    ...more,
  });
}

/** Looks each minute from now up to an instant, as the clock does, with all that ends at once ended in between. */
async function pass(until: string): Promise<void> {
  for (; now < new Date(until); now = new Date(now.getTime() + 60_000)) await look();
  await look();
}

async function look(): Promise<void> {
  const before = ran.length;
  await scheduler.look();
  if (ran.length > before) await settled();
}

/** Waits until runs that ended are written down. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function restart(): Promise<void> {
  await scheduler.stop();
  scheduler = create();
  await scheduler.look();
}

function module(
  name: string,
  schedule: string,
  timezone = "UTC",
  drills: string | null = null,
): { name: string; settings: ModuleSettings } {
  const settings: ModuleSettings = {
    schedule,
    timezone,
    keep: { last: 7 },
    exclude: [],
    include: [],
    hold: "pause",
    holdTimeoutSeconds: 60,
    compression: { type: "gzip", level: 6 },
    drill: { check: { type: "health" }, container: null, timeoutSeconds: 300, schedule: drills },
    copy: null,
  };
  return { name, settings };
}
