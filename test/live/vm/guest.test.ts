import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readJournal } from "../../fixtures/guest/guest-disk.ts";
import { guestImage } from "../../fixtures/guest/guest-image.ts";
import { startGuest } from "../../fixtures/guest/start-guest.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

describe("the guest of the tests", () => {
  it("writes on two disks, answers as an agent, and what it told is in a copy of its paused disks", async () => {
    const folder = await scratchFolder();
    const guest = await startGuest({ name: "davit-guest-test", folder, image: await guestImage(), second: true });
    onTestFinished(() => guest.remove());
    await guest.untilWritten(10);
    await guest.untilAgent();
    const { disks, written } = await guest.copyWhilePaused(join(folder, "copies"));
    const first = await readJournal(disks["vda"] ?? "");
    const second = await readJournal(disks["vdb"] ?? "");
    expect(first.last).toBeGreaterThanOrEqual(written);
    expect(second.last).toBeGreaterThanOrEqual(written);
    expect([0, 1]).toContain(first.last - second.last);
    // It goes on.
    await guest.untilWritten(2);
    await guest.virsh("shutdown", guest.name);
    await expect.poll(() => guest.state(), { timeout: 60_000 }).toBe("shut off");
  });

  it.each([
    ["ide", "bios"],
    ["scsi", "bios"],
    ["virtio", "uefi"],
  ] as const)("boots from a disk on %s with %s", async (bus, firmware) => {
    const folder = await scratchFolder();
    const image = await guestImage();
    const guest = await startGuest({ name: `davit-guest-${bus}-${firmware}`, folder, image, bus, firmware });
    onTestFinished(() => guest.remove());
    expect(await guest.untilWritten(1)).toBeGreaterThan(0);
  });
});
