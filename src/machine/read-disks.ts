import type { Warning } from "../contract/module.ts";
import { Failure } from "../failure/failure.ts";
import { isLocal } from "./is-local.ts";
import type { DiskElement, DomainElement } from "./parse-domain.ts";
import { imageInfo } from "./run-qemu-img.ts";
import { type Libvirt, runVirsh } from "./run-virsh.ts";

/** A disk that is backed up. */
export interface DomainDisk {
  /** Its name in the domain, `vda`. */
  target: string;
  /** The file or block device that it lies on. */
  source: string;
  /** `qcow2` or `raw`, as the domain's XML says. */
  format: string;
  /** What the guest sees. */
  virtualBytes: number;
  /** What it takes on the host. */
  allocatedBytes: number;
  /** Why its changes can't be tracked, or not trusted, so that it is always copied whole; null where they can. */
  untracked: string | null;
}

/** The disks of a domain that are backed up, and what to say about those that are not. */
export async function readDisks(
  libvirt: Libvirt,
  { uuid, devices }: Pick<DomainElement, "uuid" | "devices">,
): Promise<{ disks: DomainDisk[]; warnings: Warning[] }> {
  const sizes = parseSizes(await runVirsh(libvirt, ["domblkinfo", uuid, "--all"]));
  const disks: DomainDisk[] = [];
  const warnings: Warning[] = [];
  for (const disk of devices.disk) {
    const target = disk.target["@dev"];
    const source = disk.source?.["@file"] ?? disk.source?.["@dev"];
    const out = leftOut(disk, source);
    if (out !== null || source === undefined) {
      warnings.push({
        ...out,
        severity: out?.severity ?? "note",
        message: `${target} is not backed up: ${out?.message}`,
      });
      continue;
    }
    const size = sizes.get(target);
    if (size === undefined) throw new Failure("failed", `libvirt does not tell the size of ${target}`);
    if (disk.encryption !== undefined || disk.source?.encryption !== undefined) warnings.push(encrypted(target));
    const format = disk.driver?.["@type"] ?? "raw";
    const local = isLocal(libvirt.uri);
    disks.push({
      target,
      source,
      format,
      ...size,
      untracked: await whyUntracked(source, format, local, libvirt.signal),
    });
  }
  return { disks, warnings };
}

function leftOut(disk: DiskElement, source: string | undefined): Warning | null {
  const note = (message: string): Warning => ({ severity: "note", message });
  const loss = (message: string, hint: string): Warning => ({ severity: "warning", message, hint });
  if (disk["@device"] === "cdrom" || disk["@device"] === "floppy") return note(`it is a ${disk["@device"]}`);
  if (disk.readonly !== undefined) return note("it is read-only");
  if (disk["@device"] !== "disk")
    return loss(`it is a ${disk["@device"]}, which QEMU passes through`, "back it up from inside the machine");
  if (disk["@type"] !== "file" && disk["@type"] !== "block")
    return loss(
      `it is of type ${disk["@type"]}; files and block devices are backed up`,
      "back it up where it is stored",
    );
  return source === undefined ? note("there is nothing in it") : null;
}

function encrypted(target: string): Warning {
  return {
    severity: "warning",
    message: `${target} is encrypted by QEMU, and is not in its backup`,
    hint: "keep the vault on an encrypted file system, or encrypt inside the machine instead",
  };
}

async function whyUntracked(
  source: string,
  format: string,
  local: boolean,
  signal: AbortSignal,
): Promise<string | null> {
  if (format !== "qcow2") return `${format} disks can't track their changes`;
  // Of a disk that only another host sees, libvirt says at the next increment what it lacks.
  if (!local) return null;
  const { compat } = await imageInfo(source, format, signal);
  return compat === "0.10"
    ? "qcow2 disks of version 2 can't track their changes (`qemu-img amend -o compat=1.1` mends that)"
    : null;
}

/** Lines of `domblkinfo --all`: target, capacity, allocation, physical size; a drive with nothing in it has dashes. */
function parseSizes(table: string): Map<string, Pick<DomainDisk, "virtualBytes" | "allocatedBytes">> {
  const sizes = new Map<string, Pick<DomainDisk, "virtualBytes" | "allocatedBytes">>();
  for (const [, target, capacity, allocation] of table.matchAll(/^ *(\S+) +(\d+) +(\d+) +(\d+) *$/gmu))
    if (target !== undefined) sizes.set(target, { virtualBytes: Number(capacity), allocatedBytes: Number(allocation) });
  return sizes;
}
