import { describe, expect, it } from "vitest";
import { byUrgency, moduleState } from "../../src/api/page/module-state.js";
import { duration, keeping, remaining, size } from "../../src/api/page/words.js";
import { backupRow } from "../../src/flow/backup-row.ts";
import type { BackupRow } from "../../src/contract/api.ts";
import type { Evidence } from "../../src/contract/manifest.ts";
import type { Warning } from "../../src/contract/module.ts";
import type { HoldMode } from "../../src/contract/settings.ts";
import type { RunOutcome } from "../../src/contract/run-event.ts";
import { newestPoint, toneOf } from "../../src/api/page/machine-card.js";
import type { MachineStatus } from "../../src/contract/machine.ts";
import { exampleMachine } from "../fakes/machines.ts";
import { exampleBackup, exampleModule } from "../fakes/examples.ts";

const sound = backupRow(exampleBackup("nas", "20261122T020000Z"));
const broken: BackupRow = { ...sound, id: "nas/20261123T020000Z", problem: "manifest.json is missing" };
const odd: BackupRow = { ...sound, unanswered: [{ kind: "fewer-bytes", message: "there is less than there was" }] };

interface Facts {
  last?: BackupRow | null;
  backups?: BackupRow[];
  warnings?: Warning[];
  outcome?: RunOutcome;
  hold?: HoldMode;
}

function stateOf({
  last = sound,
  backups = last === null ? [] : [last],
  warnings = [],
  outcome,
  hold = "pause",
}: Facts) {
  const found = exampleModule("nas");
  const module = { ...found, settings: { ...found.settings, hold }, warnings, lastBackup: last, nextRun: null };
  const runs = outcome === undefined ? [] : [{ module: "nas", kind: "backup", outcome }];
  return moduleState(module, backups, [{ module: "wiki", kind: "backup", outcome: "failed" }, ...runs]);
}

function proved(kind: Evidence["kind"], ...results: boolean[]): BackupRow {
  const evidence = results.map((ok) => ({ kind, at: "2026-11-22T03:00:00Z", ok, ms: 1, detail: "details" }));
  return { ...sound, evidence };
}

describe("the page", () => {
  it("calls a module safe only where nothing speaks against it", () => {
    expect(stateOf({})).toEqual({ tone: "good", word: "backed up" });
    expect(stateOf({ outcome: "ok" }).tone).toBe("good");
    expect(stateOf({ last: proved("verified", false, true) }).tone).toBe("good");
    expect(stateOf({ last: { ...sound, consistent: false }, hold: "live" }).tone).toBe("good");
    expect(stateOf({ warnings: [{ severity: "note", message: "a note" }] }).tone).toBe("good");
  });

  it.each<[string, Facts]>([
    ["not backed up", { warnings: [{ severity: "error", message: "bad label" }] }],
    ["never backed up", { last: null }],
    ["no usable backup", { last: null, backups: [broken] }],
    ["newest backup can't be used", { backups: [broken, sound] }],
    ["last backup failed", { outcome: "failed" }],
    ["last backup was interrupted", { outcome: "interrupted" }],
    ["last backup is damaged", { last: proved("verified", true, false) }],
    ["may have lost data", { backups: [sound, odd], outcome: "failed" }],
    ["last backup failed its drill", { last: proved("drilled", false) }],
  ])("calls a module not safe: %s", (word, facts) => {
    expect(stateOf(facts)).toMatchObject({ tone: "bad", word });
  });

  it.each<[string, Facts]>([
    ["last backup is inconsistent", { last: { ...sound, consistent: false } }],
    ["an older backup is damaged", { backups: [sound, proved("verified", true, false)] }],
    ["last backup was cancelled", { outcome: "cancelled" }],
    ["last backup was not copied", { last: proved("copied", false) }],
    ["backed up, with a warning", { warnings: [{ severity: "warning", message: "unknown label" }] }],
  ])("asks to look at a module: %s", (word, facts) => {
    expect(stateOf(facts)).toMatchObject({ tone: "warn", word });
  });

  it("shows what is not safe first", () => {
    const entries = [
      { module: { name: "a" }, state: { tone: "good" } },
      { module: { name: "b" }, state: { tone: "off" } },
      { module: { name: "d" }, state: { tone: "bad" } },
      { module: { name: "c" }, state: { tone: "bad" } },
      { module: { name: "e" }, state: { tone: "warn" } },
    ];
    expect(entries.toSorted(byUrgency).map(({ module }) => module.name)).toEqual(["c", "d", "e", "b", "a"]);
  });

  it("says amounts as people do", () => {
    expect([0, 1023, 1536, 5 * 1024 ** 3, 2 ** 60].map(size)).toEqual([
      "0 B",
      "1,023 B",
      "1.5 KiB",
      "5 GiB",
      "1,048,576 TiB",
    ]);
    expect([40, 812, 65_000, 3_600_000].map(duration)).toEqual(["40 ms", "0.8 s", "1 min 5 s", "60 min 0 s"]);
    expect(keeping({ last: 7, daily: 7, weekly: 0, withinSeconds: 86_400 * 30 })).toBe(
      "the last 7, 7 daily, all of 30 days",
    );
  });

  it("tells how long a run still takes once it can be known", () => {
    const at = (second: number, bytes: number, totalBytes: number | null) => ({
      at: new Date(second * 1000).toISOString(),
      bytes,
      totalBytes,
    });
    expect(remaining(at(0, 0, 1000), at(10, 100, 1000))).toBe("about 2 min left");
    expect(remaining(at(0, 0, 1000), at(10, 999, 1000))).toBe("less than 1 min left");
    expect(remaining(at(0, 0, 100_000), at(10, 10, 100_000))).toBe("about 28 h left");
    for (const now of [at(0, 0, 1000), at(10, 0, 1000), at(10, 100, null), at(10, 1000, 1000)])
      expect(remaining(at(0, 0, 1000), now)).toBeNull();
  });
});

describe("a machine", () => {
  it("is safe with a sound point, not without one, nor with a check that failed, nor with a problem", () => {
    const machine = exampleMachine("docker-host");
    const tone = (more: Partial<MachineStatus>): string => {
      const seen = { ...machine, ...more };
      return toneOf(seen, newestPoint(seen));
    };
    expect(tone({})).toBe("good");
    expect(tone({ points: [] })).toBe("bad");
    expect(tone({ problem: "libvirt does not answer" })).toBe("bad");
    expect(tone({ warnings: [{ severity: "warning", message: "one disk is raw" }] })).toBe("warn");
    const [newest, ...older] = machine.points;
    const failed = { kind: "drilled", at: "2026-11-23T04:00:00.000Z", ok: false, ms: 1 } as const;
    expect(tone({ points: newest === undefined ? [] : [{ ...newest, evidence: [failed] }, ...older] })).toBe("bad");
    const unusable = newest === undefined ? [] : [{ ...newest, problem: "vda.qcow2 is missing" }, ...older];
    expect(newestPoint({ points: unusable })?.time).toBe("20261122T010000Z");
  });
});
