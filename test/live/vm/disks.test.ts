import { randomBytes } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { backUpMachine } from "../../../src/flow/machine/back-up-machine.ts";
import { backUp, folderOf } from "../../fixtures/live/vm/points-of.ts";
import { makeDisk, startBareMachine } from "../../fixtures/live/vm/start-bare-machine.ts";
import { openTestHost, testRequest } from "../../fixtures/open-test-host.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

const qcow2 = { format: "qcow2", mebibytes: 64 } as const;

describe("the disks of a machine", () => {
  it("are whole where they can't track their changes, which is said, and increments where they can", async () => {
    const folder = await scratchFolder();
    const name = "davit-disks-mixed";
    const disks = {
      vda: qcow2,
      vdb: { format: "raw", mebibytes: 16 },
      vdc: { ...qcow2, mebibytes: 16, options: "compat=0.10" },
    } as const;
    await makeDisk(join(folder, "extra.img"), { format: "raw", mebibytes: 1 });
    const devices =
      "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>" +
      `<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${join(folder, "extra.img")}'/>` +
      "<target dev='sdb' bus='scsi'/><readonly/></disk>";
    const { device, content } = await makeLoopDevice(folder);
    const block =
      `<disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='${device}'/>` +
      "<target dev='sdc' bus='scsi'/></disk>";
    const machine = await startBareMachine({ name, folder, disks, devices: devices + block });
    const host = await openTestHost(folder, { [name]: {} });
    const targets = Object.keys(disks);
    for (const target of targets) await machine.write(target, { kib: 1024, size: 512, byte: 1 });
    const full = await backUp(host, name, "full");
    await machine.compare(folderOf(host, full), targets);
    expect(full.disks.map((disk) => disk.reason)).toEqual([null, null, null, null]);
    await runTool(
      "qemu-img",
      "compare",
      "-q",
      "-f",
      "raw",
      "-F",
      "qcow2",
      content,
      join(folderOf(host, full), "sdc.qcow2"),
    );
    expect(full.warnings.map((one) => one.message)).toEqual([
      "sda is not backed up: it is a cdrom",
      "sdb is not backed up: it is read-only",
    ]);

    for (const target of targets) await machine.write(target, { kib: 1280, size: 1024, byte: 2 });
    const increment = await backUp(host, name, "incremental");
    await machine.compare(folderOf(host, increment), targets);
    expect(increment).toMatchObject({ type: "incremental", fallback: null });
    expect(increment.disks).toMatchObject([
      { target: "vda", type: "incremental", backing: `../${full.time}/vda.qcow2`, reason: null },
      {
        target: "vdb",
        type: "full",
        backing: null,
        reason: "raw disks can't track their changes",
        sourceFormat: "raw",
      },
      { target: "vdc", type: "full", reason: expect.stringContaining("qcow2 disks of version 2 can't track") },
      { target: "sdc", type: "full", reason: "raw disks can't track their changes" },
    ]);
  });

  it("that all can't track their changes make each point a full, which says why", async () => {
    const folder = await scratchFolder();
    const name = "davit-disks-raw";
    const machine = await startBareMachine({ name, folder, disks: { vda: { format: "raw", mebibytes: 16 } } });
    const host = await openTestHost(folder, { [name]: { quiesce: "none" } });
    await backUp(host, name, "full");
    await machine.write("vda", { kib: 0, size: 64, byte: 7 });
    const second = await backUp(host, name, "incremental");
    expect(second).toMatchObject({ type: "full", chain: second.time, checkpoint: null });
    expect(second.fallback).toBe("vda: raw disks can't track their changes");
    expect(second.quiesce).toEqual({ wanted: "none", used: [], ms: null });
    await machine.compare(folderOf(host, second), ["vda"]);
  });

  it("that were resized, added or removed since are whole or gone in the next increment, and increments again after that", async () => {
    const folder = await scratchFolder();
    const name = "davit-disks-changed";
    const machine = await startBareMachine({ name, folder, disks: { vda: qcow2, vdb: qcow2 } });
    const host = await openTestHost(folder, { [name]: {} });
    await machine.attach("sdb", qcow2);
    await machine.write("vdb", { kib: 0, size: 256, byte: 3 });
    const full = await backUp(host, name, "full");

    await machine.virsh("blockresize", name, "vdb", "96M");
    await machine.write("vdb", { kib: 80 * 1024, size: 256, byte: 4 });
    await machine.attach("sdc", qcow2);
    await machine.write("sdc", { kib: 0, size: 256, byte: 5 });
    const changed = await backUp(host, name, "incremental");
    await machine.compare(folderOf(host, changed), ["vda", "vdb", "sdb", "sdc"]);
    expect(changed).toMatchObject({ type: "incremental", parent: full.time });
    expect(changed.disks).toMatchObject([
      { target: "vda", type: "incremental", reason: null },
      { target: "vdb", type: "full", reason: `it was resized from 67108864 to 100663296 bytes since ${full.time}` },
      { target: "sdb", type: "incremental", reason: null },
      { target: "sdc", type: "full", reason: `it was added since ${full.time}` },
    ]);

    await machine.virsh("detach-disk", name, "sdb");
    await expect.poll(async () => machine.virsh("domblklist", name)).not.toContain("sdb");
    await machine.write("vdb", { kib: 512, size: 64, byte: 6 });
    const removed = await backUp(host, name, "incremental");
    await machine.compare(folderOf(host, removed), ["vda", "vdb", "sdc"]);
    const types = removed.disks.map(({ target, type }) => `${target} ${type}`);
    expect(types).toEqual(["vda incremental", "vdb incremental", "sdc incremental"]);
    expect(removed.warnings.map((one) => one.message)).toContainEqual(
      expect.stringContaining(`sdb is not in this point: it was removed since ${changed.time}`),
    );
  });

  it("that have internal snapshots go on as increments: QEMU goes back to none while it tracks changes", async () => {
    const folder = await scratchFolder();
    const name = "davit-disks-snapshot";
    const machine = await startBareMachine({ name, folder, disks: { vda: qcow2 } });
    const host = await openTestHost(folder, { [name]: {} });
    await backUp(host, name, "full");
    await machine.virsh("snapshot-create-as", name, "before");
    await machine.write("vda", { kib: 64, size: 64, byte: 4 });
    const second = await backUp(host, name, "incremental");
    await machine.compare(folderOf(host, second), ["vda"]);
    expect(second.type).toBe("incremental");

    await expect(machine.virsh("snapshot-revert", name, "before", "--running")).rejects.toThrow("active dirty bitmaps");
    if ((await machine.state()) !== "running") await machine.virsh("start", name);
    await machine.write("vda", { kib: 128, size: 64, byte: 5 });
    const third = await backUp(host, name, "incremental");
    await machine.compare(folderOf(host, third), ["vda"]);

    // What docs/agent.md says of going back.
    const checkpoints = await machine.virsh("checkpoint-list", name, "--name");
    for (const checkpoint of checkpoints.split("\n").filter((line) => line.startsWith("davit-")))
      await machine.virsh("checkpoint-delete", name, checkpoint);
    await machine.virsh("snapshot-revert", name, "before", "--running");
    const fourth = await backUp(host, name, "incremental");
    expect(fourth.type).toBe("full");
    expect(fourth.fallback).toContain("checkpoint");
    await machine.compare(folderOf(host, fourth), ["vda"]);
  });

  it("of a machine that somebody has paused are taken as they are, and it stays paused", async () => {
    const folder = await scratchFolder();
    const name = "davit-disks-paused";
    const machine = await startBareMachine({ name, folder, disks: { vda: qcow2 } });
    const host = await openTestHost(folder, { [name]: {} });
    await machine.write("vda", { kib: 0, size: 64, byte: 3 });
    await machine.virsh("suspend", name);
    const request = testRequest();
    const point = await backUpMachine(host, name, { ...request, type: "full" });
    expect(point.quiesce).toEqual({ wanted: "auto", used: [], ms: null });
    expect(request.warnings).toEqual([expect.stringContaining("was paused already")]);
    expect(await machine.state()).toBe("paused");
    await machine.compare(folderOf(host, point), ["vda"]);
  });

  it("that an external snapshot was made of, and committed, go on as increments", async () => {
    const folder = await scratchFolder();
    const name = "davit-disks-external";
    const machine = await startBareMachine({ name, folder, disks: { vda: qcow2 } });
    const host = await openTestHost(folder, { [name]: {} });
    await machine.write("vda", { kib: 0, size: 64, byte: 3 });
    await backUp(host, name, "full");
    await machine.write("vda", { kib: 64, size: 64, byte: 4 });
    const overlay = join(folder, "overlay.qcow2");
    await machine.virsh(
      "snapshot-create-as",
      name,
      "--no-metadata",
      "--disk-only",
      "--diskspec",
      `vda,file=${overlay}`,
    );
    await machine.write("vda", { kib: 128, size: 64, byte: 5 });
    const point = await backUp(host, name, "incremental");
    await machine.virsh("suspend", name);
    const words = [
      "compare",
      "-q",
      "-U",
      "-f",
      "qcow2",
      "-F",
      "qcow2",
      overlay,
      join(folderOf(host, point), "vda.qcow2"),
    ];
    await runTool("qemu-img", ...words);
    expect(point.type).toBe("incremental");

    await machine.virsh("resume", name);
    await machine.virsh("blockcommit", name, "vda", "--active", "--pivot", "--wait");
    await machine.write("vda", { kib: 256, size: 64, byte: 6 });
    const next = await backUp(host, name, "incremental");
    await machine.compare(folderOf(host, next), ["vda"]);
    expect(next.type).toBe("incremental");
  });

  it("are compressed on request, and read the same", async () => {
    const folder = await scratchFolder();
    const name = "davit-disks-packed";
    const machine = await startBareMachine({ name, folder, disks: { vda: qcow2 } });
    const host = await openTestHost(folder, { [name]: { compress: true } });
    await machine.write("vda", { kib: 0, size: 16 * 1024, byte: 3 });
    const full = await backUp(host, name, "full");
    await machine.compare(folderOf(host, full), ["vda"]);
    await machine.write("vda", { kib: 4096, size: 8 * 1024, byte: 4 });
    const increment = await backUp(host, name, "incremental");
    await machine.compare(folderOf(host, increment), ["vda"]);
    for (const point of [full, increment]) {
      expect((await stat(join(folderOf(host, point), "vda.qcow2"))).size).toBeLessThan(1024 * 1024);
      const about = await runTool("qemu-img", "info", "--output=json", join(folderOf(host, point), "vda.qcow2"));
      expect(about).toContain('"compression-type": "zstd"');
    }
    expect(increment.disks[0]?.backing).toBe(`../${full.time}/vda.qcow2`);
  });

  it("go with the machine's XML, its NVRAM and its TPM's state", async () => {
    const folder = await scratchFolder();
    const name = "davit-disks-documents";
    const nvram = join(folder, "nvram.fd");
    const machine = await startBareMachine({
      name,
      folder,
      disks: { vda: qcow2 },
      os:
        "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>" +
        `<nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>${nvram}</nvram>`,
      devices: "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>",
    });
    // Its firmware writes there while it starts.
    await machine.virsh("suspend", name);
    const host = await openTestHost(folder, { [name]: {} });
    const point = await backUp(host, name, "full");
    expect(point.documents.map((one) => one.file)).toEqual(["domain.xml", "nvram.fd", "tpm2-00.permall"]);
    const saved = (file: string): Promise<Buffer> => readFile(join(folderOf(host, point), file));
    expect((await saved("nvram.fd")).equals(await readFile(nvram))).toBe(true);
    const uuid = (await machine.virsh("domuuid", name)).trim();
    const tpm = join("/var/lib/libvirt/swtpm", uuid, "tpm2/tpm2-00.permall");
    expect((await saved("tpm2-00.permall")).equals(await readFile(tpm))).toBe(true);
    expect(String(await saved("domain.xml"))).toContain(`<name>${name}</name>`);
    await runTool("env", "-C", folderOf(host, point), "sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS");
  });
});

/** A block device of 8 MiB with something on it, until the test ends; and the file that it stands for. */
async function makeLoopDevice(folder: string): Promise<{ device: string; content: string }> {
  const content = join(folder, "block.img");
  await writeFile(content, randomBytes(8 * 1024 * 1024));
  const device = (await runTool("losetup", "--find", "--show", content)).trim();
  onTestFinished(async () => {
    await runTool("losetup", "--detach", device);
  });
  return { device, content };
}
