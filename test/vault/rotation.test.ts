import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { formatBackupTime } from "../../src/contract/backup-id.ts";
import { type BackupSummary, type Evidence, type Manifest, unansweredAnomalies } from "../../src/contract/manifest.ts";
import { keepRules, type KeepRules } from "../../src/contract/settings.ts";
import { exampleBackup } from "../fakes/examples.ts";
import { decideRotation } from "../../src/vault/rotation.ts";

/*
 * Golden files: one situation each. `backups` are written as `time`, followed by what is known of them: `verified`,
 * `verify-failed`, `drilled`, `drill-failed`, `answered` (in that order of events), `odd` for an anomaly, or `problem`.
 */
const goldenCase = z.strictObject({
  about: z.string(),
  now: z.string(),
  zone: z.string(),
  keep: keepRules,
  backups: z.array(z.string()),
  expect: z.array(z.string()),
});

const folder = path.join(import.meta.dirname, "rotation-cases");

describe("rotation", () => {
  for (const file of readdirSync(folder).toSorted()) {
    const golden = goldenCase.parse(JSON.parse(readFileSync(path.join(folder, file), "utf8")));
    it(`${golden.about} (${file})`, () => {
      const backups = golden.backups.map(parseBackup);
      const decided = decideRotation(backups, golden.keep, new Date(golden.now), golden.zone);
      expect(decided.map(({ id, keep, reason }) => `${keep ? "keep" : "remove"} ${id.slice(4)}: ${reason}`)).toEqual(
        golden.expect,
      );
    });
  }

  it("keeps the promises of what is never removed, whatever the rules and the history", () => {
    const random = randomFrom(20_261_122);
    for (let round = 0; round < 500; round++) {
      const now = new Date(Date.UTC(2026, 10, 22) + Math.floor(random() * 1e9));
      const backups = Array.from({ length: 1 + Math.floor(random() * 40) }, () => randomBackup(random, now));
      const rules = randomRules(random);
      const decisions = decideRotation(backups, rules, now, "Europe/Berlin");
      const kept = new Set(decisions.filter((one) => one.keep).map((one) => one.id));
      expect(decisions).toHaveLength(backups.length);
      expect(kept.size).toBeGreaterThan(0);
      const newestFirst = backups.toSorted((a, b) => (a.time < b.time ? 1 : -1));
      const usable = newestFirst.filter(
        (one) => one.problem === null && one.time <= formatBackupTime(new Date(now.getTime() + 60_000)),
      );
      const proven = (["verified", "drilled"] as const).map((kind) =>
        usable.find((one) => one.evidence.some((record) => record.kind === kind && record.ok)),
      );
      const mustStay = [usable[0], ...proven, ...newestFirst.filter((one) => !usable.includes(one))];
      const odd = newestFirst.find((one) => unansweredAnomalies(one).length > 0);
      if (odd !== undefined) mustStay.push(...newestFirst.filter((one) => one.time <= odd.time));
      expect([...kept]).toEqual(expect.arrayContaining(mustStay.flatMap((one) => one?.id ?? [])));
      // Rotating what rotation left removes nothing more.
      const left = backups.filter((one) => kept.has(one.id));
      expect(decideRotation(left, rules, now, "Europe/Berlin").every((one) => one.keep)).toBe(true);
    }
  });
});

function parseBackup(line: string): BackupSummary {
  const [time = "", ...known] = line.split(" ");
  const evidence = known.flatMap((word): Evidence[] => {
    if (word === "answered") return [{ kind: "acknowledged", at: "2026-11-22T00:00:00Z", ok: true, ms: 0 }];
    const parts = /^(verif|drill)(?:ied|ed|y-failed|-failed)$/u.exec(word);
    if (parts === null) return [];
    const kind = parts[1] === "verif" ? "verified" : "drilled";
    return [{ kind, at: "2026-11-22T00:00:00Z", ok: !word.endsWith("failed"), ms: 1 }];
  });
  const problem = known.includes("problem") ? "manifest.json is missing" : null;
  const manifest = known.includes("odd") ? oddManifest(time) : null;
  return { id: `nas/${time}`, module: "nas", time, manifest, evidence, problem };
}

function oddManifest(time: string): Manifest | null {
  const { manifest } = exampleBackup("nas", time);
  return manifest && { ...manifest, anomalies: [{ kind: "fewer-entries", message: "there are fewer entries" }] };
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

let made = 0;

function randomBackup(random: () => number, now: Date): BackupSummary {
  const age = (random() ** 3 * 400 - 3) * 86_400_000;
  made += 1;
  const words = ["verified", "drilled", "odd", "answered", "problem"].filter(() => random() < 0.15);
  const backup = parseBackup([formatBackupTime(new Date(now.getTime() - age)), ...words].join(" "));
  return { ...backup, id: `${backup.id}-${made}` };
}

function randomRules(random: () => number): KeepRules {
  const rules: KeepRules = {};
  for (const name of ["last", "hourly", "daily", "weekly", "monthly", "yearly"] as const)
    if (random() < 0.4) rules[name] = Math.floor(random() * 6);
  if (random() < 0.2) rules.withinSeconds = 1 + Math.floor(random() * 3_000_000);
  return rules;
}
