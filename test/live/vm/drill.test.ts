import { spawn } from "node:child_process";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { MachineSettings } from "../../../src/contract/machine.ts";
import { asFailure, type Failure } from "../../../src/failure/failure.ts";
import { drillPoint } from "../../../src/flow/machine/drill-point.ts";
import type { Host } from "../../../src/flow/machine/host.ts";
import { verifyPoint } from "../../../src/flow/machine/verify-point.ts";
import { domainXml, type GuestBus, type GuestFirmware } from "../../fixtures/guest/domain-xml.ts";
import { copyGuestDisk } from "../../fixtures/guest/guest-disk.ts";
import { guestImage, type GuestImage } from "../../fixtures/guest/guest-image.ts";
import { systemStart } from "../../fixtures/guest/make-boot-disk.ts";
import { makePoints, type MadePoint } from "../../fixtures/make-points.ts";
import { openTestHost, testRequest } from "../../fixtures/open-test-host.ts";
import { runTool } from "../../fixtures/run-tool.ts";
import { scratchFolder } from "../../fixtures/scratch-folder.ts";

let image: GuestImage;
beforeAll(async () => {
  image = await guestImage();
});

interface Wish {
  /** What is done to the guest's disk before it is backed up. */
  spoil?: (disk: string) => Promise<unknown>;
  files?: readonly string[];
  drill?: Partial<MachineSettings["drill"]>;
  bus?: GuestBus;
  firmware?: GuestFirmware;
  xml?: (xml: string) => string;
}

interface Scene {
  host: Host;
  point: MadePoint;
}

/** A machine with a full and an increment on it, which is the point to drill. */
async function scene({
  spoil,
  files,
  drill,
  bus = "virtio",
  firmware = "bios",
  xml = (text) => text,
}: Wish): Promise<Scene> {
  const folder = await scratchFolder();
  const base = { schedule: null, check: { type: "auto" as const }, timeoutSeconds: 240, memoryMiB: 256 };
  const host = await openTestHost(folder, { vm: { drill: { ...base, ...drill } } });
  const disk = join(folder, "disk.qcow2");
  await copyGuestDisk(image, disk, files);
  await spoil?.(disk);
  const target = { virtio: "vda", scsi: "sda", ide: "hda" }[bus];
  const text = domainXml({ name: "vm", disks: { [target]: disk }, serial: "/dev/null", firmware, bus, folder });
  const points = await makePoints(host.config.vault, {
    count: 2,
    disks: [target],
    from: disk,
    writes: false,
    xml: xml(text.replace("<name>", "<uuid>a3f0c1de-0000-4000-8000-000000000001</uuid><name>")),
    documents: firmware === "uefi" ? { "nvram.fd": await readFile("/usr/share/OVMF/OVMF_VARS_4M.fd") } : {},
  });
  const point = points.at(-1);
  if (point === undefined) throw new Error("no point was made");
  return { host, point };
}

async function drillFailure({ host, point }: Scene): Promise<Failure> {
  return drillPoint(host, point.id, testRequest()).then(
    ({ detail }) => expect.fail(`the drill went well: ${detail}`),
    (error: unknown) => asFailure(error),
  );
}

interface Picture {
  width: number;
  height: number;
  bytes: number;
}

/** The picture that the drill has kept; it is left in a folder for who wants to look at it. */
async function pictureOf({ host, point }: Scene, name: string): Promise<Picture> {
  const evidence = (await host.vault.resolve(point.id)).evidence.at(-1);
  const file = join(point.folder, evidence?.screenshot ?? "no picture");
  const content = await readFile(file);
  expect(content.subarray(1, 4).toString()).toBe("PNG");
  if (process.env["DAVIT_TEST_PICTURES"] !== undefined)
    await runTool("cp", file, join(process.env["DAVIT_TEST_PICTURES"], `${name}.png`));
  return { width: content.readUInt32BE(16), height: content.readUInt32BE(20), bytes: content.length };
}

/** Name, length, content and times of all that lies in a chain's folder. */
async function stateOf(folder: string): Promise<string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(folder, { recursive: true })).toSorted()) {
    const status = await stat(join(folder, name));
    if (status.isDirectory() || /evidence|drill-/u.test(name)) continue;
    const { mtimeMs, ctimeMs, size } = status;
    lines.push(`${name} ${size} ${mtimeMs} ${ctimeMs} ${await runTool("sha256sum", join(folder, name))}`);
  }
  return lines;
}

/** The processes of drills' machines. */
async function qemus(): Promise<number[]> {
  const text = await runTool("pgrep", "-f", "^qemu-system-x86_64.*-name davit-drill").catch(() => "");
  return text.split("\n").flatMap((line) => (line === "" ? [] : [Number(line)]));
}

/** How QEMU stands once it has opened the files of a vault: its status, and how each is open. */
async function watchQemu(vault: string): Promise<{ status: string; flags: string[] }> {
  return vi.waitFor(
    async () => {
      const [pid = 0] = await qemus();
      const flags: string[] = [];
      for (const fd of await readdir(`/proc/${pid}/fd`)) {
        const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "");
        if (!target.startsWith(vault)) continue;
        flags.push(/^flags:\s+(\d+)$/mu.exec(await readFile(`/proc/${pid}/fdinfo/${fd}`, "utf8"))?.[1] ?? "none");
      }
      const status = await readFile(`/proc/${pid}/status`, "utf8");
      // The sandbox is the last that it sets up.
      if (flags.length === 0 || !/^Seccomp:\s+2$/mu.test(status)) throw new Error("QEMU is not there yet");
      return { status, flags };
    },
    { timeout: 60_000, interval: 20 },
  );
}

describe("a boot drill", () => {
  it("passes for a point that boots, keeps its picture, and only reads the backup", async () => {
    const all = await scene({});
    const before = await stateOf(all.host.config.vault);
    const request = testRequest();
    const [result, seen] = await Promise.all([
      drillPoint(all.host, "vm@latest", request),
      watchQemu(all.host.config.vault),
    ]);
    expect(result).toMatchObject({ point: all.point.id, detail: "the guest agent answered" });
    expect(request.stages).toEqual(["compare", "plan", "boot", "compare"]);

    expect(await pictureOf(all, "good")).toMatchObject({ width: 720, height: 400 });
    const { evidence, screenshot } = await all.host.vault.resolve(all.point.id);
    expect(evidence.at(-1)).toMatchObject({ kind: "drilled", ok: true, ms: result.ms });
    expect(screenshot).toBe(true);

    expect(await stateOf(all.host.config.vault)).toEqual(before);
    // The point and the one that it builds on, both for reading (O_RDONLY is 0).
    expect(seen.flags.length).toBeGreaterThanOrEqual(2);
    for (const flags of seen.flags) expect(Number.parseInt(flags, 8) & 3).toBe(0);
    expect(seen.status).toMatch(/^Uid:\s+(?!0\s)(\d+)\s+\1\s+\1\s+\1$/mu);
    expect(seen.status).toMatch(/^CapEff:\s+0+$/mu);
    expect(seen.status).toMatch(/^CapBnd:\s+0+$/mu);
    expect(seen.status).toMatch(/^NoNewPrivs:\s+1$/mu);

    expect(await qemus()).toEqual([]);
    expect(await readdir(all.host.config.scratch)).toEqual([]);
    expect(await all.host.drills.list()).toEqual([]);
  });

  it("fails for a point that does not boot, and shows what its firmware says", async () => {
    const all = await scene({ spoil: (disk) => runTool("qemu-io", "-f", "qcow2", "-c", "write -q -z 0 512", disk) });
    const { kind, message, hint } = await drillFailure(all);
    expect(kind).toBe("failed");
    expect(message).toBe(`${all.point.id} does not boot: its firmware found nothing to boot: No bootable device.`);
    expect(hint).toContain("the picture");
    expect(await pictureOf(all, "unbootable")).toMatchObject({ width: 720, height: 400 });
    const { evidence } = await all.host.vault.resolve(all.point.id);
    expect(evidence.at(-1)).toMatchObject({ kind: "drilled", ok: false });
    expect(await qemus()).toEqual([]);
  });

  it("fails for a point whose file system is broken, although its checksums are right", async () => {
    const all = await scene({
      spoil: (disk) => runTool("qemu-io", "-f", "qcow2", "-c", `write -q -z ${systemStart} 64k`, disk),
    });
    const { kind, message } = await drillFailure(all);
    expect(kind).toBe("failed");
    expect(message).toContain("does not boot: its kernel panicked: ");
    expect(message).toContain("Attempted to kill init!");
    await pictureOf(all, "panicked");
    const { evidence } = await all.host.vault.resolve(all.point.id);
    expect(evidence.at(-1)?.logs?.[0]?.text).toContain("no file system to work on");
  });

  it("fails for a point that has changed since it was sealed, whether or not it boots, and shows that", async () => {
    const all = await scene({ drill: { timeoutSeconds: 30 } });
    const file = join(all.host.vault.folder(all.point.id), "..", "20261101T020000Z", "vda.qcow2");
    // A megabyte in the middle of what boots.
    await runTool("dd", "if=/dev/urandom", `of=${file}`, "bs=1M", "seek=8", "count=1", "conv=notrunc", "status=none");
    const { kind, message } = await drillFailure(all);
    expect(kind).toBe("damaged");
    expect(message).toContain("vm/20261101T020000Z/20261101T020000Z: vda.qcow2 does not match its checksum; ");
    await pictureOf(all, "corrupt");
    expect((await all.host.vault.resolve(all.point.id)).evidence.at(-1)).toMatchObject({ kind: "drilled", ok: false });
  });

  it("fails for a point whose disk can't even be opened, with the same words", async () => {
    const all = await scene({});
    await runTool(
      "dd",
      "if=/dev/zero",
      `of=${join(all.point.folder, "vda.qcow2")}`,
      "bs=512",
      "count=1",
      "conv=notrunc",
      "status=none",
    );
    const { kind, message } = await drillFailure(all);
    expect(kind).toBe("damaged");
    expect(message).toContain("vda.qcow2 does not match its checksum; it could not be booted");
    expect((await all.host.vault.resolve(all.point.id)).evidence.at(-1)).toMatchObject({ kind: "drilled", ok: false });
  });

  it("takes a prompt on the serial console where no agent answers", async () => {
    const all = await scene({
      files: ["no-agent"],
      drill: { check: { type: "serial", pattern: "^guest login:" } },
      bus: "scsi",
    });
    const { detail } = await drillPoint(all.host, all.point.id, testRequest());
    expect(detail).toBe("the serial console showed what matches ^guest login:");
  });

  it("takes a screen at rest where that is asked for, and says how weak that is", async () => {
    const all = await scene({
      files: ["no-agent", "no-prompt", "idle"],
      drill: { check: { type: "screen" } },
      bus: "ide",
    });
    const { detail, findings } = await drillPoint(all.host, all.point.id, testRequest());
    expect(detail).toMatch(/^its screen has been the same for \d+ s$/u);
    expect(findings.join()).toContain("weak proof");
    await pictureOf(all, "at-rest");
  });

  const secureLoader = (xml: string): string =>
    xml
      .replace("<loader readonly='yes'", "<loader readonly='yes' secure='yes'")
      .replace("OVMF_CODE_4M.fd", "OVMF_CODE_4M.secboot.fd")
      .replace("<memory unit='MiB'>256", "<memory unit='MiB'>512")
      .replace("<acpi/>", "<acpi/><smm state='on'/>");

  it.each([
    ["UEFI", (xml: string) => xml],
    ["the UEFI of secure boot, which needs system management mode", secureLoader],
  ])("boots with %s, with a copy of the machine's variables", async (_, xml) => {
    // Loading the guest with secure boot's firmware takes more memory than running it.
    const all = await scene({ firmware: "uefi", xml, drill: { memoryMiB: 512 } });
    const before = await stateOf(all.host.config.vault);
    const { detail } = await drillPoint(all.host, all.point.id, testRequest());
    expect(detail).toBe("the guest agent answered");
    expect(await stateOf(all.host.config.vault)).toEqual(before);
    await pictureOf(all, "uefi");
  });

  it("gives up at its time limit, and says what was missing", async () => {
    const all = await scene({ drill: { check: { type: "serial", pattern: "never said" }, timeoutSeconds: 3 } });
    const { message } = await drillFailure(all);
    expect(message).toContain(
      "it did not come up within 3 s: the serial console showed nothing that matches never said",
    );
    await pictureOf(all, "late");
  });

  it("leaves no machine behind where the agent is killed, and the next run removes what there is", async () => {
    const all = await scene({});
    const home = join(all.host.config.vault, "..");
    const program = fileURLToPath(new URL("../../fixtures/drill-program.ts", import.meta.url));
    const agent = spawn(process.execPath, [program, home, all.point.id], { stdio: "inherit" });
    await watchQemu(all.host.config.vault);
    agent.kill("SIGKILL");
    await vi.waitFor(async () => expect(await qemus()).toEqual([]), { timeout: 5000 });
    expect(await all.host.drills.list()).toEqual(["vm"]);
    expect(await readdir(all.host.config.scratch)).toHaveLength(1);

    const request = testRequest();
    await verifyPoint(all.host, all.point.id, request);
    expect(request.warnings.join()).toMatch(/the boot drill \S+ was cut off; what it had made was removed/u);
    expect(await readdir(all.host.config.scratch)).toEqual([]);
    expect(await all.host.drills.list()).toEqual([]);
  });

  it("leaves nothing where it is cancelled, and writes nothing down", async () => {
    const all = await scene({});
    const cancel = new AbortController();
    const drilled = drillPoint(all.host, all.point.id, testRequest(cancel.signal));
    await Promise.all([
      expect(drilled).rejects.toMatchObject({ kind: "cancelled" }),
      watchQemu(all.host.config.vault).then(() => cancel.abort()),
    ]);
    expect(await qemus()).toEqual([]);
    expect(await readdir(all.host.config.scratch)).toEqual([]);
    expect((await all.host.vault.resolve(all.point.id)).evidence).toEqual([]);
  });
});
