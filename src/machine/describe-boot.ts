import { access } from "node:fs/promises";
import { join } from "node:path";
import type { PointManifest } from "../contract/machine.ts";
import { Failure } from "../failure/failure.ts";
import type { BootDisk, BootFirmware, BootMachine } from "./boot/boot-order.ts";
import { type DiskElement, type DomainElement, parseDomain } from "./parse-domain.ts";
import { nvramFile } from "./point-files.ts";
import type { PlacedPoint } from "./verify-chain.ts";

export interface BootDescription {
  machine: BootMachine;
  /** How the drill differs from the machine, for people. */
  findings: string[];
}

/** A drill shares the host with what runs there. */
const mostCpus = 2;

/**
 * How a point is booted for a drill, from the domain's XML that was saved with it: the last of `points`, which has those that it builds on
 * before it. Throws `failed` for a machine that QEMU can't be asked to boot in that way.
 */
export async function describeBoot(
  points: readonly PlacedPoint[],
  xml: string,
  mostMemoryMiB: number,
): Promise<BootDescription> {
  const domain = parseDomain(xml);
  const arch = domain.os.type["@arch"] ?? "x86_64";
  if (arch !== "x86_64" && arch !== "i686")
    throw new Failure("failed", `a boot drill of a machine with a processor of type ${arch} is not available`, {
      hint: "restore it under a new name and look at it: `davit agent restore --as`",
    });
  const tip = points.at(-1);
  if (tip?.point.manifest == null) throw new Failure("damaged", "the point has no manifest");
  const { folder } = tip;
  const { manifest } = tip.point;
  const firmware = await firmwareOf(domain, manifest, folder);
  const memoryMiB = Math.max(64, Math.min(mostMemoryMiB, mebibytesOf(domain.memory) ?? mostMemoryMiB));
  const disks = bootOrder(domain.devices.disk).flatMap((disk) => diskOf(disk, manifest, points));
  const expectsAgent = domain.devices.channel.some(({ target }) => target?.["@name"] === "org.qemu.guest_agent.0");
  const machine: BootMachine = {
    type: domain.os.type["@machine"] ?? "pc",
    firmware,
    memoryMiB,
    cpus: Math.max(1, Math.min(mostCpus, Number(textOf(domain.vcpu)) || 1)),
    localTime: domain.clock?.["@offset"] === "localtime",
    disks,
    expectsAgent,
  };
  return { machine, findings: findingsOf(domain, memoryMiB) };
}

function findingsOf(domain: DomainElement, memoryMiB: number): string[] {
  const own = mebibytesOf(domain.memory);
  const findings: string[] = [];
  if (own !== null && own > memoryMiB) findings.push(`it had ${memoryMiB} MiB of memory instead of ${own} MiB`);
  if (domain.devices.tpm.length > 0) findings.push("it had no TPM: what is sealed with one asks for its recovery key");
  if (domain.os.kernel !== undefined)
    findings.push(
      "it was booted from its disk, though its definition names a kernel on the host, which is not in the backup",
    );
  return findings;
}

/** Disks that a boot is tried from first come first. */
function bootOrder(disks: readonly DiskElement[]): DiskElement[] {
  const order = (disk: DiskElement): number => Number(disk.boot?.["@order"] ?? Number.MAX_SAFE_INTEGER);
  return disks.toSorted((a, b) => order(a) - order(b));
}

function diskOf(element: DiskElement, manifest: PointManifest, points: readonly PlacedPoint[]): BootDisk[] {
  const target = element.target["@dev"];
  const disk = manifest.disks.find((one) => one.target === target);
  if (disk === undefined) return [];
  return [
    {
      target,
      bus: busOf(element.target["@bus"], target),
      chain: diskChain(target, points),
      virtualBytes: disk.virtualBytes,
      serial: element.serial ?? null,
    },
  ];
}

/** A disk's file in the last of the points, then each that it builds on. */
function diskChain(target: string, points: readonly PlacedPoint[]): string[] {
  const files: string[] = [];
  for (const { point, folder } of points.toReversed()) {
    const disk = point.manifest?.disks.find((one) => one.target === target);
    if (disk === undefined) break;
    files.push(join(folder, disk.file));
    if (disk.type === "full") return files;
  }
  throw new Failure("damaged", `${target} has no full that it builds on`);
}

function busOf(bus: string | undefined, target: string): BootDisk["bus"] {
  if (bus === "virtio" || bus === "scsi" || bus === "sata" || bus === "ide" || bus === "usb") return bus;
  // libvirt names the disk after the bus where that isn't given.
  if (bus === undefined) return target.startsWith("hd") ? "ide" : target.startsWith("sd") ? "scsi" : "virtio";
  throw new Failure("failed", `a boot drill with a disk on the bus ${bus} (${target}) is not available`, {
    hint: "restore it under a new name and look at it: `davit agent restore --as`",
  });
}

/** Where Debian, Ubuntu and Fedora have UEFI for QEMU, by the length of the variables that belong to it. */
const codeFiles: Readonly<Record<number, readonly string[]>> = {
  540_672: ["/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/edk2/ovmf/OVMF_CODE_4M.fd"],
  131_072: ["/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_CODE.fd"],
};

async function firmwareOf(
  { os, features }: DomainElement,
  manifest: PointManifest,
  folder: string,
): Promise<BootFirmware | null> {
  const path = textOf(os.loader).trim();
  const isUefi = os["@firmware"] === "efi" || (typeof os.loader === "object" && os.loader["@type"] === "pflash");
  if (!isUefi) return null;
  const saved = manifest.documents.find(({ file }) => file === nvramFile);
  if (saved === undefined)
    throw new Failure("failed", "the machine boots with UEFI, and its NVRAM is not in the backup", {
      hint: "the manifest's warnings say why; once that is mended, the next point has it",
    });
  const code = await firstThere([...(path.startsWith("/") ? [path] : []), ...(codeFiles[saved.bytes] ?? [])]);
  if (code === null)
    throw new Failure("missing", `the firmware that the machine boots with is not on this host: ${path || "UEFI"}`, {
      hint: "install it: `apt install ovmf`",
    });
  const secure =
    features?.smm?.["@state"] === "on" || (typeof os.loader === "object" && os.loader["@secure"] === "yes");
  return { code, variables: join(folder, nvramFile), secure };
}

async function firstThere(files: readonly string[]): Promise<string | null> {
  for (const file of files) {
    const there = await access(file).then(
      () => true,
      () => false,
    );
    if (there) return file;
  }
  return null;
}

const units: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  KB: 1000,
  K: 1024,
  KiB: 1024,
  k: 1024,
  MB: 1000 ** 2,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  GB: 1000 ** 3,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
  T: 1024 ** 4,
  TiB: 1024 ** 4,
};

function mebibytesOf(element: DomainElement["memory"]): number | null {
  if (element === undefined) return null;
  const unit = typeof element === "object" ? (element["@unit"] ?? "KiB") : "KiB";
  const bytes = Number(textOf(element)) * (units[unit] ?? Number.NaN);
  return Number.isFinite(bytes) && bytes > 0 ? Math.floor(bytes / 1024 ** 2) : null;
}

function textOf(element: string | { "#text": string } | undefined): string {
  return typeof element === "object" ? element["#text"] : (element ?? "");
}
