import { copyFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Host } from "../../../src/flow/machine/host.ts";
import { recoverHost } from "../../../src/flow/machine/recover-host.ts";
import { restoreInPlace } from "../../../src/flow/machine/restore-in-place.ts";
import { restoreMachine } from "../../../src/flow/machine/restore-machine.ts";
import { undoMachineRestore } from "../../../src/flow/machine/undo-restore.ts";
import { readJournal } from "../../fixtures/guest/guest-disk.ts";
import { guestImage, type GuestImage } from "../../fixtures/guest/guest-image.ts";
import { type Guest, type GuestOptions, removeDomain, startGuest, virsh } from "../../fixtures/guest/start-guest.ts";
import { contentOf, makePoints, type MadePoint } from "../../fixtures/make-points.ts";
import { openTestHost, testRequest } from "../../fixtures/open-test-host.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

let image: GuestImage;
beforeAll(async () => {
  image = await guestImage();
});

interface Scene {
  folder: string;
  host: Host;
  guest: Guest;
}

async function scene(name: string, options: Partial<GuestOptions> = {}): Promise<Scene> {
  const folder = await scratchFolder();
  const host = await openTestHost(folder, { vm: { domain: name } });
  const guest = await startGuest({ name, folder: join(folder, "images"), image, ...options });
  onTestFinished(() => guest.remove());
  return { folder, host, guest };
}

/** A point of the guest's disk as it is now, and the number of lines that it has. */
async function pointOf(
  { folder, host, guest }: Scene,
  change: (xml: string) => string = (xml) => xml,
): Promise<{ point: MadePoint; lines: number }> {
  const { disks } =
    (await guest.state()) === "running" ? await guest.copyWhilePaused(join(folder, "copies")) : { disks: guest.disks };
  const disk = disks["vda"] ?? "";
  const xml = change(await virsh("dumpxml", "--inactive", "--security-info", guest.name));
  const [point] = await makePoints(host.config.vault, { count: 1, from: disk, writes: false, xml });
  if (point === undefined) throw new Error("no point was made");
  return { point, lines: (await readJournal(disk)).last };
}

const agentAnswers = async (name: string): Promise<void> => {
  await vi.waitFor(() => virsh("qemu-agent-command", name, '{"execute":"guest-ping"}'), {
    interval: 200,
    timeout: 120_000,
  });
};

describe("a restore under a new name", () => {
  it("gives a machine that boots beside the one that it was made of, with no network", async () => {
    const all = await scene("davit-restore-old");
    await all.guest.untilWritten(5);
    const card = "<interface type='user'><mac address='52:54:00:11:22:33'/></interface></devices>";
    const { point, lines } = await pointOf(all, (xml) => xml.replace("</devices>", card));
    onTestFinished(() => removeDomain("davit-restore-new"));
    const request = { ...testRequest(), as: "davit-restore-new", folder: join(all.folder, "new"), start: true };
    const { uuid, files, started } = await restoreMachine(all.host, point.id, request);
    expect(started).toBe(true);
    expect(files).toEqual([join(all.folder, "new", "davit-restore-new-vda.qcow2")]);
    expect((await virsh("domuuid", "davit-restore-new")).trim()).toBe(uuid);
    expect((await virsh("domuuid", all.guest.name)).trim()).not.toBe(uuid);
    expect(await virsh("domiflist", "davit-restore-new")).not.toContain(":");
    await agentAnswers("davit-restore-new");
    await virsh("destroy", "davit-restore-new");
    expect((await readJournal(files[0] ?? "")).last).toBeGreaterThanOrEqual(lines);
    // The one that it was made of went on meanwhile.
    expect(await all.guest.state()).toBe("running");
  });

  it("is defined and not started unless asked, and refuses names that are taken", async () => {
    const all = await scene("davit-restore-old2", { state: "define" });
    const { point } = await pointOf(all);
    onTestFinished(() => removeDomain("davit-restore-new2"));
    const request = { ...testRequest(), as: "davit-restore-new2", folder: join(all.folder, "new") };
    await restoreMachine(all.host, point.id, request);
    expect((await virsh("domstate", "davit-restore-new2")).trim()).toBe("shut off");

    await expect(restoreMachine(all.host, point.id, request)).rejects.toMatchObject({
      kind: "usage",
      message: "there is a machine davit-restore-new2 already",
    });
    await expect(restoreMachine(all.host, point.id, { ...request, as: "x;y" })).rejects.toMatchObject({
      kind: "usage",
    });
    await removeDomain("davit-restore-new2");
    await expect(restoreMachine(all.host, point.id, request)).rejects.toMatchObject({
      kind: "usage",
      message: expect.stringContaining("is there already, and is not overwritten"),
    });
  });

  it("leaves nothing where libvirt does not take it", async () => {
    const all = await scene("davit-restore-old3", { state: "define" });
    const xml = await virsh("dumpxml", "--inactive", all.guest.name);
    const [point] = await makePoints(all.host.config.vault, {
      count: 1,
      xml: xml.replace(/type='qemu'/u, "type='none'"),
    });
    const request = { ...testRequest(), as: "davit-restore-new3", folder: join(all.folder, "new") };
    await expect(restoreMachine(all.host, point?.id ?? "", request)).rejects.toMatchObject({ kind: "failed" });
    expect(await readdir(join(all.folder, "new"))).toEqual([]);
    expect(await virsh("list", "--all", "--name")).not.toContain("davit-restore-new3");
  });
});

describe("a restore in place", () => {
  it("shuts the machine down when asked, keeps its old disk, starts it again, and can be undone", async () => {
    const all = await scene("davit-restore-place");
    const { guest, host } = all;
    await guest.untilWritten(5);
    const { point, lines } = await pointOf(all);
    const later = await guest.untilWritten(10);

    await expect(restoreInPlace(host, point.id, testRequest())).rejects.toMatchObject({
      kind: "busy",
      message: "vm runs: its disks can be exchanged only while it is shut off",
    });
    expect(await guest.state()).toBe("running");

    await guest.untilAgent();
    const disk = guest.disks["vda"] ?? "";
    const { files, keptAside } = await restoreInPlace(host, point.id, { ...testRequest(), shutDown: true });
    expect(files).toEqual([disk]);
    expect((await readJournal(keptAside[0] ?? "")).last).toBeGreaterThanOrEqual(later);
    expect(await guest.state()).toBe("running");
    await agentAnswers(guest.name);
    // It goes on from where the point was taken, so that a number comes that it had passed.
    await virsh("destroy", guest.name);
    const restored = (await readJournal(disk)).last;
    expect(restored).toBeGreaterThanOrEqual(lines);

    const undone = await undoMachineRestore(host, "vm", testRequest());
    expect(undone.files).toEqual([disk]);
    expect((await readJournal(disk)).last).toBeGreaterThanOrEqual(later);
    expect((await readJournal(undone.keptAside[0] ?? "")).last).toBe(restored);
    // It was off, and stays so.
    expect(await guest.state()).toBe("shut off");
    await undoMachineRestore(host, "vm", testRequest());
    expect((await readJournal(disk)).last).toBe(restored);
  });

  it("forgets the checkpoints of the old disk, and refuses a machine that is asleep", async () => {
    const all = await scene("davit-restore-marks");
    const { guest, host } = all;
    await guest.untilWritten(1);
    await virsh("checkpoint-create-as", guest.name, "davit-20261101T020000Z");
    await virsh("checkpoint-create-as", guest.name, "someone-elses");
    const { point } = await pointOf(all);
    await virsh("managedsave", guest.name);
    await expect(restoreInPlace(host, point.id, { ...testRequest(), shutDown: true })).rejects.toMatchObject({
      kind: "busy",
      message: expect.stringContaining("asleep"),
      hint: expect.stringContaining("virsh managedsave-remove"),
    });
    await virsh("managedsave-remove", guest.name);
    await restoreInPlace(host, point.id, testRequest());
    expect((await virsh("checkpoint-list", guest.name, "--name")).trim()).toBe("someone-elses");
    expect(await contentOf(guest.disks["vda"] ?? "")).toBe(point.contents["vda"]);
  });

  it("brings a machine back of which nothing is left but its backup", async () => {
    const all = await scene("davit-restore-dead", { state: "define" });
    const { point } = await pointOf(all);
    const uuid = (await virsh("domuuid", all.guest.name)).trim();
    await all.guest.remove();
    await rm(join(all.folder, "images"), { recursive: true });
    const { files, keptAside } = await restoreInPlace(all.host, point.id, testRequest());
    expect(files).toEqual([all.guest.disks["vda"]]);
    expect(keptAside).toEqual([]);
    expect((await virsh("domuuid", all.guest.name)).trim()).toBe(uuid);
    await virsh("start", all.guest.name);
    await agentAnswers(all.guest.name);
    await expect(undoMachineRestore(all.host, "vm", { ...testRequest(), shutDown: true })).rejects.toMatchObject({
      kind: "missing",
    });
  });

  it("is rolled back where it was cut off, and starts what it had shut down", async () => {
    const all = await scene("davit-restore-cut", { state: "define" });
    const { host, guest } = all;
    const { point } = await pointOf(all);
    const disk = guest.disks["vda"] ?? "";
    const uuid = (await virsh("domuuid", guest.name)).trim();
    const incoming = join(all.folder, "images", ".davit-restore-x");
    const aside = join(all.folder, "images", ".before-restore-x");
    await copyFile(disk, incoming);
    const entry = {
      format: 1 as const,
      module: "vm",
      backup: point.id,
      at: new Date().toISOString(),
      uri: "qemu:///system",
    };
    const swaps = [{ file: disk, incoming, isNew: true, aside }];
    await host.diskRestores.write({ ...entry, uuid, phase: "swap", start: true, defined: false, swaps });
    await copyFile(disk, aside);
    await rm(disk);
    const warnings: string[] = [];
    await recoverHost(host, { warning: (message) => warnings.push(message) });
    expect(warnings.join()).toContain("was cut off and was rolled back");
    expect(await guest.state()).toBe("running");
    await virsh("destroy", guest.name);
    expect((await readdir(join(all.folder, "images"))).filter((name) => name.startsWith("."))).toEqual([]);
    expect(await host.diskRestores.list()).toEqual([]);
  });
});
