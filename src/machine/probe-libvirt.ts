import { Failure } from "../failure/failure.ts";
import type { Domain } from "./read-domain.ts";
import { type Libvirt, runVirsh } from "./run-virsh.ts";

/** Of libvirt's daemon and of QEMU, as they say it themselves. */
export interface Versions {
  libvirt: string;
  qemu: string;
}

/** The oldest that can make increments: `virsh domcapabilities` has had `<backup>` since. */
const oldest: Versions = { libvirt: "7.6.0", qemu: "6.1.0" };

/** libvirt starts QEMU anew to see what it can, after an update of it for one. */
const probeLimitMs = 180_000;

/** The versions of what a machine runs on. */
export async function readVersions(libvirt: Libvirt): Promise<Versions> {
  const text = await runVirsh(libvirt, ["version", "--daemon"]);
  const daemon = /^Running against daemon: (\S+)$/mu.exec(text)?.[1];
  const library = /^Using library: libvirt (\S+)$/mu.exec(text)?.[1];
  const qemu = /^Running hypervisor: QEMU (\S+)$/mu.exec(text)?.[1];
  return { libvirt: daemon ?? library ?? "unknown", qemu: qemu ?? "unknown" };
}

/** Throws a `config` Failure where a machine that runs can't be backed up by its libvirt and QEMU. */
export async function requireBackupSupport(libvirt: Libvirt, { element }: Domain, versions: Versions): Promise<void> {
  const words = {
    virttype: element["@type"],
    emulatorbin: element.devices.emulator,
    arch: element.os.type["@arch"],
    machine: element.os.type["@machine"],
  };
  const options = Object.entries(words).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
  const document = await runVirsh(libvirt, ["domcapabilities", ...options], { timeoutMs: probeLimitMs });
  if (/<backup supported=['"]yes['"]\/>/u.test(document)) return;
  throw new Failure(
    "config",
    `a machine that runs can't be backed up by libvirt ${versions.libvirt} with QEMU ${versions.qemu}`,
    {
      hint: `it takes libvirt ${oldest.libvirt} and QEMU ${oldest.qemu}; one that is shut off can be backed up with these`,
    },
  );
}
