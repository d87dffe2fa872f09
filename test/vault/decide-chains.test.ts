import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { formatBackupTime } from "../../src/contract/backup-id.ts";
import { pointId, type PointManifest, type PointSummary } from "../../src/contract/machine.ts";
import type { Evidence } from "../../src/contract/manifest.ts";
import { keepRules, type KeepRules } from "../../src/contract/settings.ts";
import { decideChains } from "../../src/vault/decide-chains.ts";

/*
 * Golden files: one situation each. `points` are written as `chain time`, oldest first, followed by what is known of them: `verified`,
 * `verify-failed`, `drilled`, `answered`, `odd` for an anomaly, `problem`, or `orphan` for one whose parent is gone.
 */
const goldenCase = z.strictObject({
  about: z.string(),
  now: z.string(),
  zone: z.string(),
  keep: keepRules,
  points: z.array(z.string()),
  expect: z.array(z.string()),
});

const folder = path.join(import.meta.dirname, "chain-cases");

describe("rotation of chains", () => {
  for (const file of readdirSync(folder).toSorted()) {
    const golden = goldenCase.parse(JSON.parse(readFileSync(path.join(folder, file), "utf8")));
    it(`${golden.about} (${file})`, () => {
      const decided = decideChains(parsePoints(golden.points), golden.keep, new Date(golden.now), golden.zone);
      expect(decided.map(({ id, keep, reason }) => `${keep ? "keep" : "remove"} ${id.slice(3)}: ${reason}`)).toEqual(
        golden.expect,
      );
    });
  }

  it("keeps its promises whatever the rules and the history", () => {
    const random = randomFrom(20_261_122);
    for (let round = 0; round < 400; round++) {
      const now = new Date(Date.UTC(2026, 10, 22) + Math.floor(random() * 1e9));
      const points = randomPoints(random, now);
      const rules = randomRules(random);
      const decisions = decideChains(points, rules, now, "Europe/Berlin");
      expect(decisions.map(({ id }) => id).toSorted()).toEqual(points.map(({ id }) => id).toSorted());
      const kept = points.filter(({ id }) => decisions.find((one) => one.id === id)?.keep);
      const gone = points.filter((point) => !kept.includes(point));
      expect(kept.length).toBeGreaterThan(0);
      // A chain is kept or goes as a whole, so that no point is removed that another builds on.
      for (const point of gone) expect(kept.map(({ chain }) => chain)).not.toContain(point.chain);
      // What goes has a newer chain that is verified and stays.
      for (const { chain } of gone) expect(kept.some((point) => point.chain > chain && isVerified(point))).toBe(true);
      for (const { problem, evidence } of gone)
        expect([problem, evidence.some(({ ok }) => !ok)]).toEqual([null, false]);
      // Rotating what rotation left removes nothing more.
      expect(decideChains(kept, rules, now, "Europe/Berlin").every(({ keep }) => keep)).toBe(true);
    }
  });
});

function parsePoints(lines: readonly string[]): PointSummary[] {
  const points: PointSummary[] = [];
  for (const line of lines) {
    const [chain = "", time = "", ...known] = line.split(" ");
    const before = points.findLast((one) => one.chain === chain);
    const parent = before?.time ?? (known.includes("orphan") ? "20261101T000000Z" : null);
    points.push(point(chain, time, parent, known));
  }
  return points;
}

function point(chain: string, time: string, parent: string | null, known: readonly string[]): PointSummary {
  const at = "2026-11-22T00:00:00Z";
  const evidence = known.flatMap((word): Evidence[] => {
    if (word === "answered") return [{ kind: "acknowledged", at, ok: true, ms: 0 }];
    if (word === "drilled") return [{ kind: "drilled", at, ok: true, ms: 1 }];
    if (word === "verified" || word === "verify-failed")
      return [{ kind: "verified", at, ok: word === "verified", ms: 1 }];
    return [];
  });
  const problem = known.includes("problem") ? "vda.qcow2 is missing" : null;
  return {
    id: pointId("vm", chain, time),
    machine: "vm",
    chain,
    time,
    manifest: manifestOf(chain, time, parent, known.includes("odd")),
    evidence,
    screenshot: false,
    problem,
  };
}

function manifestOf(chain: string, time: string, parent: string | null, odd: boolean): PointManifest {
  const instant = "2026-11-22T00:00:00Z";
  return {
    format: 1,
    kind: "machine",
    machine: "vm",
    domain: "vm",
    uuid: "a3f0c1de-0000-4000-8000-000000000001",
    chain,
    time,
    type: parent === null ? "full" : "incremental",
    parent,
    checkpoint: null,
    davit: "0.1.0",
    host: { id: "host", name: "host" },
    versions: { libvirt: "9.0.0", qemu: "7.2.0" },
    started: instant,
    taken: instant,
    sealed: instant,
    quiesce: { wanted: "auto", used: [], ms: null },
    fallback: null,
    disks: [],
    documents: [],
    warnings: [],
    ...(odd && { anomalies: [{ kind: "fewer-bytes", message: "there is less in it" }] }),
  };
}

function isVerified({ evidence }: PointSummary): boolean {
  return evidence.findLast(({ kind }) => kind === "verified")?.ok === true;
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomPoints(random: () => number, now: Date): PointSummary[] {
  const points: PointSummary[] = [];
  for (let chains = 1 + Math.floor(random() * 12); chains > 0; chains--) {
    const full = now.getTime() - Math.floor((random() ** 2 * 200 - 2) * 86_400_000) - chains * 1000;
    const chain = formatBackupTime(new Date(full));
    let parent: string | null = null;
    for (let index = 0; index <= random() * 6; index++) {
      const time: string = formatBackupTime(new Date(full + index * 86_400_000));
      const rare = ["verify-failed", "odd", "answered", "problem"].filter(() => random() < 0.04);
      const known = [...["verified", "drilled"].filter(() => random() < 0.4), ...rare];
      points.push(point(chain, time, parent, known));
      parent = time;
    }
  }
  return points;
}

function randomRules(random: () => number): KeepRules {
  const rules: KeepRules = {};
  for (const name of ["last", "daily", "weekly", "monthly", "yearly"] as const)
    if (random() < 0.4) rules[name] = Math.floor(random() * 4);
  if (random() < 0.2) rules.withinSeconds = 1 + Math.floor(random() * 3_000_000);
  return rules;
}
