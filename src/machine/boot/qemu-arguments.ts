import { join } from "node:path";
import type { BootDisk, BootMachine } from "./boot-order.ts";

export interface QemuPlace {
  /** The drill's folder, in which QEMU may write. */
  folder: string;
  /** The machine's type, of those that this QEMU has. */
  type: string;
  accelerator: "kvm" | "tcg";
  /** The number, in QEMU, of the open descriptor of each file that it only reads. */
  descriptor(file: string): number;
}

/** The files of a drill in its folder. */
export function bootFiles(
  folder: string,
): Record<"qmp" | "agent" | "serial" | "picture" | "text" | "variables", string> {
  return {
    qmp: join(folder, "qmp.sock"),
    agent: join(folder, "agent.sock"),
    serial: join(folder, "serial.txt"),
    picture: join(folder, "picture.ppm"),
    text: join(folder, "screen.bin"),
    variables: join(folder, "nvram.fd"),
  };
}

export function overlayFile(folder: string, target: string): string {
  return join(folder, `${target}.qcow2`);
}

/**
 * QEMU's arguments for a machine that reads a point and writes to overlays: no network card, no display, no configuration but
 * these words, no programs that it could start. What it reads of the backup comes as descriptors that are open for reading only.
 */
export function qemuArguments(machine: BootMachine, place: QemuPlace): string[] {
  const files = bootFiles(place.folder);
  const { firmware } = machine;
  const isQ35 = place.type.includes("q35");
  const flash = firmware === null ? "" : `,pflash0=code,pflash1=variables${firmware.secure ? ",smm=on" : ""}`;
  const disks = machine.disks.map((disk, index) =>
    diskArguments(disk, index, { ...place, isQ35, before: machine.disks.slice(0, index) }),
  );
  return [
    ["-no-user-config", "-nodefaults", "-no-reboot", "-no-shutdown"],
    ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ["-name", "davit-drill"],
    ["-machine", `${place.type},accel=${place.accelerator}${flash}`],
    ["-cpu", "max", "-smp", String(machine.cpus), "-m", `${machine.memoryMiB}M`],
    ["-rtc", `base=${machine.localTime ? "localtime" : "utc"}`],
    ["-nic", "none", "-display", "none", "-vga", "std"],
    ["-qmp", `unix:${value(files.qmp)},server=on,wait=off`],
    ["-chardev", `file,id=serial,path=${value(files.serial)}`, "-serial", "chardev:serial"],
    ["-device", "virtio-serial-pci"],
    ["-chardev", `socket,id=agent,path=${value(files.agent)},server=on,wait=off`],
    ["-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"],
    firmware === null ? [] : flashArguments(firmware.code, firmware.secure, place),
    controllers(machine.disks, isQ35),
    ...disks,
  ].flat();
}

function flashArguments(code: string, secure: boolean, place: QemuPlace): string[] {
  const variables = { driver: "file", "node-name": "variables", filename: bootFiles(place.folder).variables };
  const locked = ["-global", "driver=cfi.pflash01,property=secure,value=on", "-global", "ICH9-LPC.disable_s3=1"];
  return [readOnlyNode("code", place.descriptor(code)), node(variables), secure ? locked : []].flat();
}

function controllers(disks: readonly BootDisk[], isQ35: boolean): string[] {
  const has = (bus: BootDisk["bus"]): boolean => disks.some((disk) => disk.bus === bus);
  const words: string[] = [];
  if (has("scsi")) words.push("-device", "virtio-scsi-pci,id=controller");
  if (has("usb")) words.push("-device", "qemu-xhci,id=usb");
  // A q35 machine has one of its own, called ide, as a pc has one for IDE.
  if (isQ35 ? has("ide") : has("sata")) words.push("-device", "ahci,id=ahci");
  return words;
}

interface DiskPlace extends QemuPlace {
  isQ35: boolean;
  /** The disks before this one. */
  before: readonly BootDisk[];
}

function diskArguments(disk: BootDisk, index: number, place: DiskPlace): string[] {
  const name = `disk${index}`;
  const words: string[] = [];
  // From the oldest file on, since each node names the one that it builds on.
  let below: string | null = null;
  for (const [depth, file] of [...disk.chain.entries()].toReversed()) {
    const own: string = `${name}-${depth}`;
    words.push(...readOnlyNode(`${own}-file`, place.descriptor(file)));
    words.push(...node({ driver: "qcow2", "node-name": own, file: `${own}-file`, "read-only": true, backing: below }));
    below = own;
  }
  words.push(
    ...node({ driver: "file", "node-name": `${name}-file`, filename: overlayFile(place.folder, disk.target) }),
  );
  // What is written goes with the drill: it need not survive a power cut.
  const cache = { "no-flush": true };
  words.push(
    ...node({ driver: "qcow2", "node-name": name, file: `${name}-file`, backing: below, discard: "unmap", cache }),
  );
  const device: Record<string, unknown> = { ...deviceOf(disk, place), drive: name, bootindex: index + 1 };
  if (disk.serial !== null) device["serial"] = disk.serial;
  words.push("-device", JSON.stringify(device));
  return words;
}

function deviceOf({ bus }: BootDisk, { isQ35, before }: DiskPlace): Record<string, unknown> {
  const nth = before.filter((one) => one.bus === bus).length;
  switch (bus) {
    case "virtio":
      return { driver: "virtio-blk-pci" };
    case "scsi":
      // Not scsi.0: that is also what a USB disk calls the bus inside it.
      return { driver: "scsi-hd", bus: "controller.0", "scsi-id": nth };
    case "usb":
      return { driver: "usb-storage", bus: "usb.0" };
    case "sata":
      return { driver: "ide-hd", bus: `${isQ35 ? "ide" : "ahci"}.${nth}` };
    case "ide":
      return isQ35
        ? { driver: "ide-hd", bus: `ahci.${nth}` }
        : { driver: "ide-hd", bus: `ide.${Math.floor(nth / 2)}`, unit: nth % 2 };
  }
}

function readOnlyNode(name: string, descriptor: number): string[] {
  const filename = `/dev/fdset/${descriptor}`;
  const file = { driver: "file", "node-name": name, filename, "read-only": true, locking: "off" };
  return ["-add-fd", `fd=${descriptor},set=${descriptor}`, ...node(file)];
}

function node(properties: Readonly<Record<string, unknown>>): string[] {
  return ["-blockdev", JSON.stringify(properties)];
}

/** In QEMU's own notation of options a comma is doubled. */
function value(text: string): string {
  return text.replaceAll(",", ",,");
}
