import { describe, expect, it } from "vitest";
import { backupXml, checkpointXml } from "../../src/machine/backup-xml.ts";
import { parseDomain } from "../../src/machine/parse-domain.ts";
import type { PlannedDisk, PointPlan } from "../../src/machine/plan-point.ts";

const head = "<domain type='kvm' id='7'><name>5 &amp; 6</name><uuid>3f0c8a52-7c55-4c8e-9d0a-1f1f5e3a9b10</uuid>";

describe("a domain's XML", () => {
  it("is read with its single disk, its agent, NVRAM and TPM", () => {
    const found = parseDomain(`${head}
      <os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><nvram template='/t'>/var/n &lt;1&gt;.fd</nvram></os>
      <devices><emulator>/usr/bin/qemu</emulator>
      <disk type='block' device='lun'><source dev='/dev/sdx'/><target dev='sda'/><readonly/></disk>
      <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>
      <channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>
      <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm></devices></domain>`);
    expect(found.name).toBe("5 & 6");
    expect(found.os.nvram).toMatchObject({ "#text": "/var/n <1>.fd" });
    expect(found.devices.disk).toMatchObject([
      { "@type": "block", "@device": "lun", source: { "@dev": "/dev/sdx" }, readonly: "" },
    ]);
    expect(found.devices.channel.map(({ target }) => target?.["@state"])).toEqual(["connected", undefined]);
    expect(found.devices.tpm).toHaveLength(1);
  });

  it("is read where it has next to nothing", () => {
    const found = parseDomain(`${head}<os><type>hvm</type></os><devices/></domain>`);
    expect(found.devices).toMatchObject({ disk: [], channel: [], tpm: [] });
  });

  it.each([
    ["no XML", "error: nothing"],
    ["another document", "<network><name>x</name></network>"],
    [
      "a disk's name that leads elsewhere",
      `${head}<os><type>hvm</type></os><devices><disk type='file'><target dev='../../etc'/></disk></devices></domain>`,
    ],
  ])("is refused where it is %s", (_what, xml) => {
    expect(() => parseDomain(xml)).toThrow("the machine's XML can't be understood");
  });
});

describe("what libvirt is told", () => {
  const disk = (target: string, more: Partial<PlannedDisk>): PlannedDisk => ({
    target,
    source: `/images/${target}`,
    format: "qcow2",
    virtualBytes: 1,
    allocatedBytes: 1,
    untracked: null,
    file: `${target}.qcow2`,
    type: "incremental",
    backing: null,
    reason: null,
    ...more,
  });
  const plan: PointPlan = {
    type: "incremental",
    parent: { chain: "20261101T020000Z", time: "20261101T020000Z", checkpoint: "davit-20261101T020000Z" },
    fallback: null,
    disks: [disk("vda", {}), disk("vdb", { type: "full", untracked: "it is raw" })],
    warnings: [],
  };

  it("names every disk, whatever characters the folder has", () => {
    expect(backupXml(plan, `/mnt/a "b" <c> & 'd'`, ["sda"])).toBe(
      '<domainbackup mode="push"><incremental>davit-20261101T020000Z</incremental><disks>' +
        '<disk name="vda" backup="yes" type="file"><driver type="qcow2"/>' +
        '<target file="/mnt/a &quot;b&quot; &lt;c&gt; &amp; &apos;d&apos;/vda.qcow2"/></disk>' +
        '<disk name="vdb" backup="yes" type="file" backupmode="full"><driver type="qcow2"/>' +
        '<target file="/mnt/a &quot;b&quot; &lt;c&gt; &amp; &apos;d&apos;/vdb.qcow2"/></disk>' +
        '<disk name="sda" backup="no"/></disks></domainbackup>',
    );
  });

  it("has bitmaps for the disks that can have them, and no checkpoint where none can", () => {
    expect(checkpointXml(plan, "davit-20261102T020000Z", ["sda"])).toBe(
      "<domaincheckpoint><name>davit-20261102T020000Z</name><disks>" +
        '<disk name="vda" checkpoint="bitmap"/><disk name="vdb" checkpoint="no"/><disk name="sda" checkpoint="no"/>' +
        "</disks></domaincheckpoint>",
    );
    expect(checkpointXml({ ...plan, disks: plan.disks.slice(1) }, "davit-20261102T020000Z", [])).toBeNull();
  });
});
