import { describe, expect, it } from "vitest";
import type { Evidence } from "../../src/contract/manifest.ts";
import type { OverviewModule } from "../../src/contract/overview.ts";
import type { RunSummary } from "../../src/contract/run-event.ts";
import { findTroubles } from "../../src/notify/find-troubles.ts";
import { endedRun, overviewModule } from "../fixtures/notify/overview-module.ts";

const now = new Date("2026-11-22T12:00:00Z");
const night = "2026-11-22T02:00:00.000Z";
const morning = "2026-11-22T08:00:00.000Z";

/** The troubles of one module as `subject: state`, and what is left open. */
function judged(runs: RunSummary[], more: Partial<OverviewModule> = {}): { found: string[]; open: string[] } {
  const newestFirst = runs.toReversed();
  const { found, open } = findTroubles([overviewModule("nas", newestFirst, more)], newestFirst, now);
  return { found: found.map((one) => `${one.subject}: ${one.state}`), open: [...open] };
}

function evidenceOf(evidence: Evidence[]): Partial<OverviewModule> {
  const { last } = overviewModule("nas");
  return { last: last && { ...last, evidence } };
}

const running: RunSummary = {
  ...endedRun("backup", "nas", "2026-11-22T11:55:00.000Z", "ok"),
  ended: null,
  outcome: null,
};
const failed = endedRun("backup", "nas", night, "failed");
const ok = (kind: RunSummary["kind"]): RunSummary => endedRun(kind, "nas", morning, "ok");
const verified: Evidence = { kind: "verified", at: morning, ok: false, ms: 1, detail: "a.txt differs" };

describe("what people are told of", () => {
  it.each<[string, RunSummary[], Partial<OverviewModule>, string[]]>([
    ["nothing of a module that is well", [ok("backup"), ok("verify"), ok("drill")], {}, []],
    ["a backup that failed", [failed], {}, ["backup: run-failed"]],
    ["nothing once it was backed up again", [failed, ok("backup")], {}, []],
    ["a backup that was cut off", [endedRun("backup", "nas", night, "interrupted")], {}, ["backup: run-interrupted"]],
    ["a backup that is overdue", [], { overdueSince: night }, ["backup: overdue"]],
    ["the cause, where a failed one is overdue too", [failed], { overdueSince: night }, ["backup: run-failed"]],
    ["what seems a loss", [], loss(), ["data: lost-data"]],
    ["a failure beside a loss", [failed], loss(), ["data: lost-data", "backup: run-failed"]],
    ["wrong settings", [], { warnings: [{ severity: "error", message: "no" }] }, ["settings: not-usable"]],
    ["no warning", [], { warnings: [{ severity: "warning", message: "no" }] }, []],
    ["a newest backup that is damaged", [], evidenceOf([verified]), ["verification: damaged"]],
    ["an older one that is damaged", [], { damaged: ["nas/20261101T020000Z"] }, ["verification: older-damaged"]],
    ["a drill that was not passed", [], evidenceOf([{ ...verified, kind: "drilled" }]), ["drill: drill-failed"]],
    ["a verification that broke off", [endedRun("verify", "nas", night, "failed")], {}, ["verification: not-verified"]],
    ["a drill that could not be held", [endedRun("drill", "nas", night, "failed")], {}, ["drill: not-drilled"]],
    ["nothing of a drill that was held since", [endedRun("drill", "nas", night, "failed"), ok("drill")], {}, []],
    ["no restore that failed: somebody looks on", [endedRun("restore", "nas", night, "failed")], {}, []],
    ["no module that was never backed up: it is new", [], { last: null, backups: 0 }, []],
  ])("is %s", (_, runs, more, found) => {
    expect(judged(runs, more)).toEqual({ found, open: [] });
  });

  it("waits for a backup that goes on, where that may put it right, but not for ever", () => {
    const cutOff = endedRun("backup", "nas", night, "interrupted");
    expect(judged([cutOff, running])).toEqual({ found: [], open: ["nas/backup"] });
    expect(judged([running], { overdueSince: night })).toEqual({ found: [], open: ["nas/backup"] });
    expect(judged([failed, running]).found).toEqual(["backup: run-failed"]);
    const stuck = { ...running, started: "2026-11-22T04:00:00.000Z" };
    expect(judged([stuck], { overdueSince: night }).found).toEqual(["backup: overdue"]);
  });

  it("is left open by a backup that somebody cancelled, and of a module whose containers are gone", () => {
    const cancelled = endedRun("backup", "nas", morning, "cancelled");
    expect(judged([failed, cancelled])).toEqual({ found: [], open: ["nas/backup"] });
    expect(judged([cancelled], { overdueSince: night })).toEqual({ found: ["backup: overdue"], open: [] });
    const gone = judged([failed], { gone: true });
    expect(gone.found).toEqual([]);
    expect(gone.open).toContain("nas/backup");
  });
});

function loss(): Partial<OverviewModule> {
  const anomalies = [{ kind: "fewer-entries" as const, message: "there are 2 entries, where there were 2000" }];
  return { unanswered: [{ id: "nas/20261122T020000Z", anomalies }] };
}
