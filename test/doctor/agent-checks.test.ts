import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkAppArmor } from "../../src/doctor/check-app-armor.ts";
import { checkLibvirt } from "../../src/doctor/check-libvirt.ts";
import { checkMachine, type MachineToCheck } from "../../src/doctor/check-machine.ts";
import { checkService } from "../../src/doctor/check-service.ts";
import { checkWay } from "../../src/doctor/check-way.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

describe("the check of libvirt", () => {
  it.each([
    ["9.0.0", "7.2.22", "ok"],
    ["10.0.0", "8.2.2", "ok"],
    ["7.6.0", "6.1.0", "ok"],
    ["unknown", "unknown", "ok"],
    ["6.0.0", "4.2.1", "error"],
    ["7.5.0", "6.2.0", "error"],
    ["8.0.0", "6.0.9", "error"],
  ])("finds of libvirt %s with QEMU %s: %s", (libvirt, qemu, status) => {
    const found = checkLibvirt({ uri: "qemu:///system", libvirt, qemu });
    expect(found).toMatchObject({ name: "libvirt qemu:///system", status });
    expect(found.hint === undefined).toBe(status === "ok");
  });
});

describe("the check of a machine", () => {
  const good: MachineToCheck = {
    machine: "vm",
    domain: "docker-host",
    state: "running",
    quiesce: "auto",
    agent: true,
    channel: true,
    disks: [{ target: "vda", format: "qcow2", allocatedBytes: 1000, untracked: null }],
    warnings: [],
    left: false,
    free: 2000,
  };
  const raw = { target: "vdb", format: "raw", allocatedBytes: 1000, untracked: "raw disks can't track their changes" };

  it("finds a good one good", () => {
    expect(checkMachine(good)).toEqual([
      { name: "machine vm", status: "ok", message: "the domain docker-host is running; vda (qcow2)" },
    ]);
  });

  it.each([
    [{ agent: false }, "its guest agent does not answer", "apt install qemu-guest-agent"],
    [{ agent: false, channel: false }, "its guest agent does not answer", "give it a channel"],
    [{ disks: [...good.disks, raw] }, "vdb is always saved whole: raw disks can't track", undefined],
    [{ free: 10 }, "a full takes up to 0.0 GiB", "davit agent prune"],
    [{ left: true }, "a run that was cut off has left it paused or frozen", "lets it go at its start"],
    [{ warnings: [{ severity: "warning", message: "vdc is lost", hint: "look" }] }, "vdc is lost", "look"],
  ] as const)("warns of %j", (more, message, hint) => {
    const [first, second, ...others] = checkMachine({ ...good, ...more });
    expect(first?.status).toBe("ok");
    expect(second).toMatchObject({ name: "machine vm", status: "warning", message: expect.stringContaining(message) });
    expect(second?.hint ?? "").toContain(hint ?? "");
    expect(others).toEqual([]);
  });

  it.each([
    { quiesce: "pause", agent: false },
    { state: "shut off", agent: false },
    { warnings: [{ severity: "note", message: "sda is not backed up: it is a cdrom" }] },
  ] as const)("says nothing of %j, which is as it should be", (more) => {
    expect(checkMachine({ ...good, ...more })).toHaveLength(1);
  });

  it("finds an error where there is nothing to back up", () => {
    expect(checkMachine({ ...good, disks: [] })).toMatchObject([
      { status: "error", hint: expect.stringContaining("domblklist") },
    ]);
  });
});

describe("the check of the way to a folder", () => {
  it("names the folders that QEMU does not come through, and what to do", async () => {
    const folder = await scratchFolder();
    const inner = join(folder, "a/b");
    await mkdir(inner, { recursive: true });
    await chmod(folder, 0o711);
    expect(await checkWay("vault", inner)).toMatchObject({ name: "vault", status: "ok" });
    await chmod(join(folder, "a"), 0o700);
    expect(await checkWay("vault", inner)).toMatchObject({
      status: "error",
      hint: expect.stringContaining(`chmod o+x ${folder}/a`),
    });
    expect(await checkWay("scratch", join(folder, "not/there"))).toMatchObject({ status: "ok" });
  });
});

describe("the check of AppArmor", () => {
  const vault = "/mnt/backups/vm";
  const rule = '  "/mnt/backups/vm/**" rwk,\n';
  const abstraction = "etc/apparmor.d/abstractions/libvirt-qemu";
  const enabled = { "sys/module/apparmor/parameters/enabled": "Y\n" };

  it.each([
    ["a host without it", {}, false, "ok", "not confined"],
    [
      "one that has it switched off",
      { "sys/module/apparmor/parameters/enabled": "N\n", [abstraction]: "x" },
      false,
      "ok",
      "not confined",
    ],
    ["backups that have worked", { ...enabled, [abstraction]: "x" }, true, "ok", "backups work with that"],
    [
      "a rule of Ubuntu 22.04",
      { ...enabled, [abstraction]: "x", "etc/apparmor.d/local/abstractions/libvirt-qemu": rule },
      false,
      "ok",
      "has a rule",
    ],
    [
      "a rule of Ubuntu 24.04",
      { ...enabled, [abstraction]: "x", [`${abstraction}.d/davit`]: rule },
      false,
      "ok",
      "has a rule",
    ],
    [
      "no rule on Ubuntu 22.04",
      { ...enabled, [abstraction]: "x" },
      false,
      "warning",
      "/etc/apparmor.d/local/abstractions/libvirt-qemu,",
    ],
    [
      "no rule on Ubuntu 24.04",
      { ...enabled, [abstraction]: "include if exists <abstractions/libvirt-qemu.d>" },
      false,
      "warning",
      "libvirt-qemu.d/davit,",
    ],
  ])("finds of %s what is the case", async (_, files, hasWorked, status, words) => {
    const root = await scratchFolder();
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
    const found = await checkAppArmor({ vault, hasWorked, root });
    expect(found.status).toBe(status);
    expect(`${found.message} ${found.hint ?? ""}`).toContain(words);
  });
});

describe("the check of the service", () => {
  it.each([
    [{ unit: null, state: null }, "warning", "not installed", "davit agent install"],
    [{ unit: "old", state: "active" }, "warning", "not as agent.yaml wants it", "restart davit-agent"],
    [{ unit: "new", state: "failed" }, "warning", "the service is failed", "journalctl -u davit-agent"],
    [{ unit: "new", state: "active" }, "ok", "the service runs", ""],
    [{ unit: "new", state: null }, "ok", "is installed", ""],
  ])("finds of %j what is the case", (found, status, message, hint) => {
    const check = checkService({ ...found, wanted: "new" });
    expect(check).toMatchObject({ status, message: expect.stringContaining(message) });
    expect(check.hint ?? "").toContain(hint);
  });
});
