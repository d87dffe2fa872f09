import { expect, test } from "vitest";
import type { Source } from "../../src/contract/module.ts";
import { defaultExclusions } from "../../src/format/exclusions.ts";
import { planBackup } from "../../src/plan/plan-backup.ts";

const settings = {
  schedule: "0 2 * * *",
  timezone: "UTC",
  keep: { last: 1 },
  exclude: [...defaultExclusions],
  include: [],
  hold: "pause" as const,
  holdTimeoutSeconds: 60,
  compression: { type: "none" as const },
  drill: { check: { type: "off" as const }, container: null, timeoutSeconds: 300, schedule: null },
  copy: null,
};

const bindAt = (path: string): Source => ({ path, kind: "bind" });

test("a source that lies in another is read once", () => {
  const plan = planBackup({ sources: ["/v/nas/db", "/v/nas", "/v/nas-old", "/v/nas/db/deep"].map(bindAt), settings });
  expect(plan.sources.map((one) => one.path)).toEqual(["/v/nas", "/v/nas-old"]);
  expect(plan.warnings).toEqual([]);
});

test("a shared source is read once", () => {
  const plan = planBackup({ sources: ["/v/nas", "/v/nas"].map(bindAt), settings });
  expect(plan.sources).toHaveLength(1);
});

test("a nested source that an exclusion would leave out is told", () => {
  const plan = planBackup({ sources: ["/v/nas", "/v/nas/cache"].map(bindAt), settings });
  expect(plan.warnings).toMatchObject([
    { severity: "warning", hint: "add davit.exclude=!**/cache/** if its data matters" },
  ]);
  expect(planBackup({ sources: ["/v/nas", "/v/nas/tmp/deep/db"].map(bindAt), settings }).warnings).toHaveLength(1);
});

test("exclusions are handed on in their order", () => {
  expect(planBackup({ sources: [], settings }).exclude).toEqual(defaultExclusions);
});
