import { describe, expect, it } from "vitest";
import { formatBackupTime } from "../../src/contract/backup-id.ts";
import type { BackupSummary } from "../../src/contract/manifest.ts";
import { nextVerification } from "../../src/schedule/next-verification.ts";
import { exampleBackup } from "../fakes/examples.ts";

const dayMs = 86_400_000;
const start = Date.parse("2026-11-22T00:00:00Z");

let made = 0;

/** A backup that was sealed, and verified, so many days after the start. */
function backup(sealed: number, ...verified: number[]): BackupSummary {
  const at = (days: number): string => new Date(start + days * dayMs).toISOString();
  const found = exampleBackup("nas", formatBackupTime(new Date(start + sealed * dayMs)));
  made += 1;
  return {
    ...found,
    id: `${found.id}-${made}`,
    manifest: found.manifest && { ...found.manifest, sealed: at(sealed) },
    evidence: verified.map((days) => ({ kind: "verified", at: at(days), ok: true, ms: 1 })),
  };
}

function next(backups: readonly BackupSummary[], day: number, days = 30): { id: string; day: number } | null {
  const found = nextVerification(backups, new Date(start + day * dayMs), days);
  return found && { id: found.id, day: (found.at.getTime() - start) / dayMs };
}

/** Verifies as the schedule does, from day 0 on; gives the days on which it did. */
function simulate(backups: readonly BackupSummary[], until: number, isOn: (day: number) => boolean = () => true) {
  const tooOld: string[] = [];
  const done: number[] = [];
  for (let day = 0; day < until;) {
    const found = next(backups, day);
    if (found === null) break;
    day = Math.max(day, found.day);
    while (!isOn(day)) day += 1;
    if (day >= until) break;
    const one = backups.find(({ id }) => id === found.id);
    const last = one?.evidence.at(-1)?.at ?? one?.manifest?.sealed ?? "";
    if (start + day * dayMs - Date.parse(last) > 30 * dayMs && day > 30) tooOld.push(found.id);
    one?.evidence.push({ kind: "verified", at: new Date(start + day * dayMs).toISOString(), ok: true, ms: 1 });
    done.push(day);
    // It takes a minute.
    day += 1 / 1440;
  }
  return { done, tooOld };
}

function mostInADay(done: readonly number[]): number {
  return Math.max(...[...Map.groupBy(done, Math.floor).values()].map((day) => day.length));
}

describe("the next verification", () => {
  it("is that of the backup whose evidence is oldest, sealing counted", () => {
    const backups = [backup(-3), backup(-9, -8), backup(-20, -1), backup(-7)];
    expect(next(backups, 0)?.id).toBe(backups[1]?.id);
    expect(next([backup(-20, -15, -14), backup(-13)], 0)?.id).toMatch(/20261102/u);
  });

  it("comes before the period is over, once in it for a single backup", () => {
    expect(next([backup(0)], 1)?.day).toBe(24);
    expect(next([backup(-40, 0)], 1)?.day).toBe(24);
    expect(simulate([backup(0)], 100).done).toHaveLength(4);
  });

  it("passes over what can't be used, and is none for an empty vault or a period of 0", () => {
    expect(next([], 0)).toBeNull();
    expect(next([backup(-90)], 0, 0)).toBeNull();
    expect(next([{ ...backup(-90), problem: "manifest.json is missing", manifest: null }], 0)).toBeNull();
  });

  it("does not try again what failed before its next turn, nor what a clock dated in the future", () => {
    const failed = backup(-90, 0);
    failed.evidence = failed.evidence.map((one) => ({ ...one, ok: false }));
    expect(next([failed], 0)?.day).toBe(24);
    expect(next([backup(-1, 900)], 0)?.day).toBe(24);
  });

  it("reads a vault of 300 backups that was never verified a share a day, and each of them in time from then on", () => {
    const { done, tooOld } = simulate(
      Array.from({ length: 300 }, (_, at) => backup(-400 + at)),
      60,
    );
    expect(mostInADay(done)).toBeLessThanOrEqual(13);
    expect(tooOld).toEqual([]);
    expect(done.filter((day) => day <= 30).length).toBeGreaterThanOrEqual(300);
    expect(done.length).toBeLessThan(800);
  });

  it("spreads what was all verified on one day, by hand", () => {
    const { done, tooOld } = simulate(
      Array.from({ length: 300 }, () => backup(-60, -0.01)),
      60,
    );
    expect(mostInADay(done)).toBeLessThanOrEqual(13);
    expect(tooOld).toEqual([]);
  });

  it("makes up for days on which the host is off", () => {
    const weekdays = (day: number): boolean => Math.floor(day) % 7 < 5;
    const { tooOld } = simulate(
      Array.from({ length: 60 }, (_, at) => backup(-at)),
      120,
      weekdays,
    );
    expect(tooOld).toEqual([]);
  });

  it("is not put off by what a person verifies each day", () => {
    const own = backup(-60, ...Array.from({ length: 60 }, (_, at) => at - 60));
    const old = [backup(-60), backup(-61)];
    expect(next([own, ...old], 0)).toMatchObject({ id: old[1]?.id, day: expect.toSatisfy((day) => day <= 0) });
  });
});
