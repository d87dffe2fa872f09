import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { PointManifest, Quiesce } from "../../../src/contract/machine.ts";
import { backUpMachine } from "../../../src/flow/machine/back-up-machine.ts";
import type { Host } from "../../../src/flow/machine/host.ts";
import { idOfPoint } from "../../../src/machine/point-parts.ts";
import { readJournal } from "../../fixtures/guest/guest-disk.ts";
import { guestImage } from "../../fixtures/guest/guest-image.ts";
import { startGuest } from "../../fixtures/guest/start-guest.ts";
import { copyAtEachPoint } from "../../fixtures/live/vm/copy-at-each-point.ts";
import { standIn } from "../../fixtures/live/vm/stand-in.ts";
import { openTestHost, testRequest } from "../../fixtures/open-test-host.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

describe("the points of a machine that runs", () => {
  it.each([
    ["frozen by its guest agent", "auto", 6],
    ["paused", "pause", 2],
  ] as const)(
    "are each as its disks were in that moment, %s: a full and increments while the guest writes",
    async (how, quiesce: Quiesce, increments) => {
      const folder = await scratchFolder();
      const name = `davit-points-${quiesce}`;
      const guest = await startGuest({ name, folder, image: await guestImage(), second: true });
      onTestFinished(() => guest.remove());
      await guest.untilWritten(5);
      await guest.untilAgent();
      const host = await openTestHost(folder, { [name]: { quiesce } });
      const copies = await copyAtEachPoint(join(folder, "copies"), guest.disks);

      const points: PointManifest[] = [];
      const told: number[] = [];
      for (let number = 0; number <= increments; number++) {
        told.push(await guest.untilWritten(3));
        const request = testRequest();
        points.push(await backUpMachine(host, name, { ...request, type: number === 0 ? "full" : "incremental" }));
        expect(request.warnings).toEqual([]);
      }
      await guest.untilWritten(3);
      expect(await guest.state()).toBe("running");

      expect(points.map((one) => one.type)).toEqual(["full", ...points.slice(1).map(() => "incremental")]);
      expect(points.map((one) => one.parent)).toEqual([null, ...points.slice(0, -1).map((one) => one.time)]);
      const folders = await copies();
      expect(folders).toHaveLength(points.length);
      for (const [index, point] of points.entries()) {
        expect(point.quiesce.used).toEqual([quiesce === "auto" ? "freeze" : "pause"]);
        await expectWhole(host, point, {
          copies: folders[index] ?? "",
          least: told[index] ?? 0,
          frozen: quiesce === "auto",
        });
      }
      // The cost of an increment is what was written.
      for (const point of points.slice(1)) expect(bytesOf(point)).toBeLessThan(bytesOf(points[0]) / 3);
      expect(await guest.virsh("checkpoint-list", name, "--name")).toBe(`${points.at(-1)?.checkpoint}\n`);
    },
  );

  it("are taken under a pause where the guest agent does not end its freezing, and the guest goes on", async () => {
    const folder = await scratchFolder();
    const name = "davit-points-hung";
    const guest = await startGuest({ name, folder, image: await guestImage() });
    onTestFinished(() => guest.remove());
    await guest.untilWritten(3);
    await guest.untilAgent();
    const host = await openTestHost(folder, { [name]: {} });
    await standIn("virsh", 'real "$@"; code=$?; [[ " $* " == *" domfsfreeze "* ]] && sleep infinity; exit $code');
    const request = testRequest();
    const point = await backUpMachine(host, name, { ...request, type: "full" });
    expect(point.quiesce.used).toEqual(["pause"]);
    expect(request.warnings).toEqual([
      expect.stringContaining("could not freeze the file systems, so the machine is paused instead"),
    ]);
    await guest.untilWritten(3);
  });
});

interface Moment {
  /** The folder with the copies of the disks. */
  copies: string;
  /** The number of the line that had been written before. */
  least: number;
  frozen: boolean;
}

async function expectWhole(host: Host, point: PointManifest, { copies, least, frozen }: Moment): Promise<void> {
  const folder = host.vault.folder(idOfPoint(point));
  await runTool("env", "-C", folder, "sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS");
  const last: number[] = [];
  for (const { target, file } of point.disks) {
    const restored = join(host.config.scratch, file);
    await runTool("qemu-img", "check", "-q", join(folder, file));
    await runTool("qemu-img", "convert", "-O", "qcow2", join(folder, file), restored);
    // It ends with 1 where they differ.
    await runTool("qemu-img", "compare", "-q", "-f", "qcow2", "-F", "qcow2", restored, join(copies, `${target}.qcow2`));
    const journal = await readJournal(restored);
    expect(journal.replayed).toBe(!frozen);
    last.push(journal.last);
    await rm(restored);
  }
  // Both disks are of one moment: the guest writes each line on the first, then on the second.
  const [first = 0, second = 0] = last;
  expect(first).toBeGreaterThanOrEqual(least);
  expect([0, 1]).toContain(first - second);
}

function bytesOf(point: PointManifest | undefined): number {
  return (point?.disks ?? []).reduce((sum, disk) => sum + disk.bytes, 0);
}
