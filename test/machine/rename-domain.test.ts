import { describe, expect, it } from "vitest";
import { renameDomain } from "../../src/machine/rename-domain.ts";
import { parseXml, printXml } from "../../src/machine/xml-tree.ts";

const xml = `<domain type='kvm' id='3' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>docker-host</name>
  <uuid>a3f0c1de-0000-4000-8000-000000000001</uuid>
  <genid>9c3c4ab1-0000-4000-8000-000000000002</genid>
  <description>Tom &amp; Anna's &lt;server&gt;</description>
  <metadata><libosinfo:os xmlns:libosinfo="http://libosinfo.org"><libosinfo:q id="12"/></libosinfo:os></metadata>
  <sysinfo type='smbios'><system><entry name='manufacturer'>x</entry><entry name='uuid'>a3f0c1de-0000-4000-8000-000000000001</entry></system></sysinfo>
  <os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><nvram template='/t'>/var/lib/libvirt/qemu/nvram/docker-host_VARS.fd</nvram></os>
  <devices>
    <disk type='block' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/><source dev='/dev/vg/root' index='1'/><backingStore/><target dev='vda' bus='virtio'/><serial>S&quot;1</serial><boot order='1'/></disk>
    <disk type='file' device='disk'><source file='/iso/data.img'/><target dev='vdb' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><source file='/iso/debian.iso'/><target dev='sda' bus='sata'/><readonly/></disk>
    <interface type='bridge'><mac address='52:54:00:11:22:33'/><source bridge='br0'/><target dev='vnet3'/><model type='virtio'/></interface>
    <hostdev mode='subsystem' type='pci'/>
    <filesystem type='mount'><source dir='/srv'/><target dir='srv'/></filesystem>
    <serial type='file'><source path='/var/log/x'/><target port='0'/></serial>
    <channel type='unix'><source mode='bind' path='/run/x'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <graphics type='vnc' port='5901' autoport='no' passwd='secret'/>
    <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
  </devices>
  <qemu:commandline><qemu:arg value='-foo'/></qemu:commandline>
</domain>
`;

function renamed(network: boolean): { xml: string; warnings: string[] } {
  const result = renameDomain(xml, {
    name: "copy",
    uuid: "b3f0c1de-0000-4000-8000-000000000009",
    disks: new Map([["vda", "/images/copy-vda.qcow2"]]),
    nvram: "/images/copy-nvram.fd",
    network,
    newMac: () => "52:54:00:aa:bb:cc",
  });
  return { xml: result.xml, warnings: result.warnings.map(({ message }) => message) };
}

describe("the definition of a machine under a new name", () => {
  it("has a name, a UUID and disks of its own, and nothing that only one of the two can have", () => {
    const made = renamed(false);
    expect(made.xml).not.toMatch(
      /docker-host|a3f0c1de|9c3c4ab1|\/dev\/vg|\/iso\/|52:54:00|vnet3|hostdev|<filesystem|\/var\/log\/x|\/run\/x|5901| id="3"/u,
    );
    expect(made.xml).toContain("<name>copy</name>");
    expect(made.xml).toContain("<uuid>b3f0c1de-0000-4000-8000-000000000009</uuid>");
    expect(made.xml).toContain("<genid/>");
    expect(made.xml).toContain(
      '<disk type="file" device="disk"><driver name="qemu" type="qcow2" cache="none"/><target dev="vda" bus="virtio"/><serial>S&quot;1</serial><boot order="1"/><source file="/images/copy-vda.qcow2"/></disk>',
    );
    expect(made.xml).toContain('<disk type="file" device="cdrom"><target dev="sda" bus="sata"/><readonly/></disk>');
    expect(made.xml).toContain("<nvram>/images/copy-nvram.fd</nvram>");
    expect(made.xml).toContain('<serial type="pty"><target port="0"/></serial>');
    expect(made.warnings).toEqual([
      "vdb is not in the backup, and the new machine has none",
      "the new machine has no network card: 1 left out",
      "the new machine has no device of the host passed through: 1 left out",
      "the new machine has no folder shared with the host: 1 left out",
      expect.stringContaining("its TPM is a new one"),
    ]);
  });

  it("keeps all else as it was", () => {
    const made = renamed(false).xml;
    for (const part of [
      "<description>Tom &amp; Anna's &lt;server&gt;</description>",
      'xmlns:libosinfo="http://libosinfo.org"',
      '<qemu:arg value="-foo"/>',
      'xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0"',
      '<entry name="manufacturer">x</entry>',
      'machine="pc-q35-7.2"',
      'passwd="secret"',
    ])
      expect(made).toContain(part);
    expect(printXml(parseXml(printXml(parseXml(xml))))).toBe(printXml(parseXml(xml)));
  });

  it("keeps its network cards where that is asked for, with addresses of their own", () => {
    const made = renamed(true);
    expect(made.xml).toContain(
      '<interface type="bridge"><mac address="52:54:00:aa:bb:cc"/><source bridge="br0"/><model type="virtio"/></interface>',
    );
    expect(made.warnings.join()).not.toContain("network card");
  });
});
