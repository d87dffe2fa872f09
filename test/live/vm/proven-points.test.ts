import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { backUpMachine } from "../../../src/flow/machine/back-up-machine.ts";
import { drillPoint } from "../../../src/flow/machine/drill-point.ts";
import { pruneMachine } from "../../../src/flow/machine/prune-machine.ts";
import { restoreInPlace } from "../../../src/flow/machine/restore-in-place.ts";
import { restorePoint } from "../../../src/flow/machine/restore-point.ts";
import { verifyPoint } from "../../../src/flow/machine/verify-point.ts";
import { readJournal } from "../../fixtures/guest/guest-disk.ts";
import { guestImage } from "../../fixtures/guest/guest-image.ts";
import { startGuest } from "../../fixtures/guest/start-guest.ts";
import { openTestHost, testRequest } from "../../fixtures/open-test-host.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

it("points of a machine that writes are sound, boot, are rolled up, and go back in place", async () => {
  const folder = await scratchFolder();
  const name = "davit-proven";
  const host = await openTestHost(folder, { vm: { domain: name, compress: true } });
  const guest = await startGuest({ name, folder: join(folder, "images"), image: await guestImage() });
  onTestFinished(() => guest.remove());
  await guest.untilAgent();

  const told: number[] = [];
  for (const type of ["full", "incremental", "incremental", "incremental"] as const) {
    told.push(await guest.untilWritten(5));
    expect(await backUpMachine(host, "vm", { ...testRequest(), type })).toMatchObject({ type, fallback: null });
  }
  const { sound } = await verifyPoint(host, "vm@latest", testRequest());
  expect(sound).toHaveLength(4);
  expect((await drillPoint(host, "vm@latest", testRequest())).detail).toBe("the guest agent answered");

  // Two increments stay; what they build on becomes a full of its own, and the next increment goes on from there.
  const shorter = await openTestHost(folder, { vm: { domain: name, compress: true, rollUp: 2 } });
  const { rolledUp } = await pruneMachine(shorter, "vm", testRequest());
  expect(rolledUp).toHaveLength(1);
  told.push(await guest.untilWritten(5));
  expect(await backUpMachine(host, "vm", { ...testRequest(), type: "incremental" })).toMatchObject({ fallback: null });
  const points = (await host.vault.list("vm")).toReversed();
  expect(points.map(({ manifest }) => manifest?.type)).toEqual([
    "synthetic",
    "incremental",
    "incremental",
    "incremental",
  ]);
  for (const [index, { id }] of points.entries()) {
    const to = join(folder, "out", String(index));
    const { files } = await restorePoint(host, id, { ...testRequest(), to });
    // What had been told before the point was taken is in it.
    expect((await readJournal(files[0] ?? "")).last).toBeGreaterThanOrEqual(told[index + 1] ?? Infinity);
  }

  // The old disk's checkpoints say nothing about the restored one.
  await restoreInPlace(host, points[1]?.id ?? "", { ...testRequest(), shutDown: true });
  await guest.untilAgent();
  const after = await backUpMachine(host, "vm", { ...testRequest(), type: "incremental" });
  expect(after.type).toBe("full");
  expect(after.fallback).not.toBeNull();
  await verifyPoint(host, "vm@latest", testRequest());
});
