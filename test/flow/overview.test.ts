import { describe, expect, it } from "vitest";
import type { BackupRow } from "../../src/contract/api.ts";
import { parseBackupTime } from "../../src/contract/backup-id.ts";
import type { Evidence } from "../../src/contract/manifest.ts";
import type { OverviewModule } from "../../src/contract/overview.ts";
import type { RunSummary } from "../../src/contract/run-event.ts";
import { type HostPicture, overviewModules } from "../../src/flow/overview.ts";
import { exampleModule } from "../fakes/examples.ts";

const now = new Date("2026-11-22T12:00:00.000Z");

function row(time: string, more: Partial<BackupRow> = {}): BackupRow {
  const numbers = { entries: 10, bytesIn: 1000, bytesOut: 100, holdMs: 800, ms: 6000, warnings: 0, changed: 0 };
  return {
    id: `nas/${time}`,
    module: "nas",
    time,
    problem: null,
    sealed: parseBackupTime(time).toISOString(),
    ...numbers,
    consistent: true,
    unanswered: [],
    evidence: [],
    ...more,
  };
}

function broken(time: string): BackupRow {
  const unknown = { sealed: null, entries: null, bytesIn: null, bytesOut: null, holdMs: null, consistent: null };
  return row(time, { ...unknown, problem: "manifest.json is missing" });
}

function proof(kind: Evidence["kind"], at: string, more: Partial<Evidence> = {}): Evidence {
  return { kind, at: `2026-11-${at}:00:00.000Z`, ok: true, ms: 1000, ...more };
}

function run(id: string, more: Partial<RunSummary> = {}): RunSummary {
  return {
    run: id,
    kind: "backup",
    module: "nas",
    trigger: "schedule",
    started: "2026-11-22T02:00:00.000Z",
    ended: "2026-11-22T02:01:00.000Z",
    outcome: "ok",
    backup: null,
    stage: null,
    progress: null,
    failure: null,
    warnings: 0,
    ...more,
  };
}

type Picture = Omit<HostPicture, "rows"> & { rows: BackupRow[] };

function overviewOf({ rows, ...picture }: Picture): OverviewModule[] {
  return overviewModules({ ...picture, rows: Map.groupBy(rows, ({ module }) => module) });
}

function overview(more: Partial<Picture>): OverviewModule {
  const nothing = { rows: [], runs: [], nextRun: () => null, lastDue: () => null };
  const [module] = overviewOf({ modules: [exampleModule("nas")], ...nothing, now, ...more });
  if (module === undefined) throw new Error("there is no module");
  return module;
}

describe("the ladder", () => {
  it("has of each rung the newest instant at which a backup reached it", () => {
    const rows = [
      row("20261122T020000Z"),
      row("20261121T020000Z", { evidence: [proof("verified", "22T05"), proof("drilled", "21T09", { ms: 41_000 })] }),
      row("20261120T020000Z", {
        evidence: [proof("verified", "20T05"), proof("drilled", "20T09"), proof("copied", "20T04")],
      }),
    ];
    expect(overview({ rows }).ladder).toEqual({
      sealed: "2026-11-22T02:00:00.000Z",
      verified: "2026-11-22T05:00:00.000Z",
      drilled: { at: "2026-11-21T09:00:00.000Z", ms: 41_000 },
      copied: "2026-11-20T04:00:00.000Z",
    });
  });

  it("does not count what failed, nor a backup that can't be used", () => {
    const failed = [proof("verified", "22T05", { ok: false }), proof("drilled", "22T06", { ok: false })];
    const rows = [broken("20261122T030000Z"), row("20261121T020000Z", { evidence: failed })];
    expect(overview({ rows })).toMatchObject({
      ladder: { sealed: "2026-11-21T02:00:00.000Z", verified: null, drilled: null, copied: null },
      last: { time: "20261121T020000Z" },
      newestProblem: "manifest.json is missing",
      damaged: ["nas/20261121T020000Z"],
    });
  });

  it("has no rung without a backup", () => {
    expect(overview({}).ladder).toEqual({ sealed: null, verified: null, drilled: null, copied: null });
  });
});

describe("a backup", () => {
  const due = new Date("2026-11-22T02:00:00.000Z");
  const late = (time: string | null, more: Partial<Picture> = {}): string | null =>
    overview({ rows: time === null ? [] : [row(time)], lastDue: () => due, ...more }).overdueSince;

  it("is overdue once two hours have passed and there is none since", () => {
    expect(late("20261121T020000Z")).toBe(due.toISOString());
    expect(late("20261122T020000Z")).toBeNull();
    expect(late("20261121T020000Z", { now: new Date("2026-11-22T03:59:59Z") })).toBeNull();
    expect(late("20261121T020000Z", { now: new Date("2026-11-22T04:00:00Z") })).toBe(due.toISOString());
  });

  it("is not overdue where there was never one, or nothing was due", () => {
    expect(late(null)).toBeNull();
    expect(late("20261121T020000Z", { lastDue: () => null })).toBeNull();
  });

  it("is neither due nor overdue for a module that is not backed up as it is", () => {
    const module = exampleModule("nas");
    module.warnings.push({ severity: "error", message: "there is nothing to back up" });
    const shown = overview({
      modules: [module],
      rows: [row("20261101T020000Z")],
      nextRun: () => due,
      lastDue: () => due,
    });
    expect(shown).toMatchObject({ nextRun: null, overdueSince: null, warnings: module.warnings });
  });

  it("counts as damaged by its last verification alone", () => {
    const rows = [
      row("20261122T020000Z", { evidence: [proof("verified", "20T01", { ok: false }), proof("verified", "21T01")] }),
      row("20261121T020000Z", { evidence: [proof("verified", "20T01"), proof("verified", "21T01", { ok: false })] }),
    ];
    expect(overview({ rows }).damaged).toEqual(["nas/20261121T020000Z"]);
  });
});

describe("the overview", () => {
  it("has the last thirty backups as a trend, oldest first, without those of which nothing is known", () => {
    const times = Array.from({ length: 40 }, (_, at) => `202610${String(Math.floor(at / 4) + 10)}T0${at % 4}0000Z`);
    const rows = times.map((time, at) => row(time, { bytesOut: at })).toReversed();
    const { trend, backups, bytes } = overview({ rows: [broken("20261122T020000Z"), ...rows] });
    expect(trend).toEqual(Array.from({ length: 30 }, (_, at) => at + 10));
    expect([backups, bytes]).toEqual([41, (39 * 40) / 2]);
  });

  it("has modules that are gone from the host, but not from the vault", () => {
    const rows = [row("20261122T020000Z"), { ...row("20261101T020000Z"), module: "old", id: "old/20261101T020000Z" }];
    const nothing = { runs: [], nextRun: () => now, lastDue: () => now, now: new Date("2026-12-24T00:00:00Z") };
    const modules = overviewOf({ modules: [exampleModule("wiki"), exampleModule("nas")], rows, ...nothing });
    expect(modules.map(({ name, gone, backups }) => [name, gone, backups])).toEqual([
      ["nas", false, 1],
      ["old", true, 1],
      ["wiki", false, 0],
    ]);
    expect(modules[1]).toMatchObject({ containers: [], hold: null, schedule: null, nextRun: null, overdueSince: null });
  });

  it("tells the last backup run that ended, and what goes on", () => {
    const going = { outcome: null, ended: null };
    const runs = [
      run("5", { kind: "verify", ...going }),
      run("4", { kind: "drill", outcome: "failed" }),
      run("3", { outcome: "failed" }),
      run("2"),
      run("1", { module: "wiki", ...going }),
    ];
    const { lastRun, running } = overview({ runs });
    expect([lastRun?.run, running?.run]).toEqual(["3", "5"]);
  });

  it("names what seemed a loss of data and was not answered", () => {
    const anomaly = { kind: "fewer-bytes", message: "there is less" } as const;
    const rows = [row("20261122T020000Z", { unanswered: [anomaly] }), row("20261121T020000Z")];
    expect(overview({ rows }).unanswered).toEqual([{ id: "nas/20261122T020000Z", anomalies: [anomaly] }]);
  });
});
