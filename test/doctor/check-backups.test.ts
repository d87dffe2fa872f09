import { expect, it } from "vitest";
import type { BackupSummary } from "../../src/contract/manifest.ts";
import { checkBackups } from "../../src/doctor/check-backups.ts";
import { exampleBackup } from "../fakes/examples.ts";

const sound = exampleBackup("nas", "20261122T020000Z");
const damaged: BackupSummary = {
  ...exampleBackup("nas", "20261121T020000Z"),
  evidence: [{ kind: "verified", at: "2026-11-22T03:00:00Z", ok: false, ms: 1, detail: "one file differs" }],
};
const odd: BackupSummary = {
  ...sound,
  manifest: sound.manifest && { ...sound.manifest, anomalies: [{ kind: "fewer-bytes", message: "there is less" }] },
};

it("tells of backups that can't be used, then of one that waits for an answer", () => {
  expect(checkBackups([])).toMatchObject({ status: "ok" });
  expect(checkBackups([sound])).toEqual({
    name: "backups",
    status: "ok",
    message: "1 backup of 1 module, none with a problem",
  });
  expect(checkBackups([{ ...sound, problem: "manifest.json is missing" }, damaged, odd])).toMatchObject({
    status: "warning",
    message: "2 of 3 backups of 1 module can't be used: nas/20261122T020000Z: manifest.json is missing",
  });
  expect(checkBackups([sound, damaged])).toMatchObject({
    message: "1 of 2 backups of 1 module can't be used: nas/20261121T020000Z: one file differs",
  });
  expect(checkBackups([odd, sound])).toMatchObject({
    status: "warning",
    message: "nas/20261122T020000Z seems to have lost data: there is less",
    hint: expect.stringContaining("davit ack nas"),
  });
});
