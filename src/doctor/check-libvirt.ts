import type { DoctorCheck } from "../contract/api.ts";

export interface LibvirtToCheck {
  uri: string;
  /** As they say it themselves; `unknown` where they don't. */
  libvirt: string;
  qemu: string;
}

/** The oldest that can make increments. */
const oldest = { libvirt: "7.6.0", qemu: "6.1.0" };

/** Whether libvirt and QEMU, which answer, can do what backups need. */
export function checkLibvirt({ uri, libvirt, qemu }: LibvirtToCheck): DoctorCheck {
  const name = `libvirt ${uri}`;
  const message = `libvirt ${libvirt} with QEMU ${qemu}`;
  if (isOlder(libvirt, oldest.libvirt) || isOlder(qemu, oldest.qemu))
    return {
      name,
      status: "error",
      message: `${message} can't back up machines that run`,
      hint: `it takes libvirt ${oldest.libvirt} and QEMU ${oldest.qemu}, as Ubuntu 22.04 and Debian 12 have; until then back up machines that are shut off`,
    };
  return { name, status: "ok", message: `${message} answers` };
}

function isOlder(version: string, wanted: string): boolean {
  const [own, other] = [version, wanted].map((one) => one.split(".").map(Number));
  if (own === undefined || other === undefined || own.some(Number.isNaN)) return false;
  const differs = other.findIndex((part, at) => (own[at] ?? 0) !== part);
  return differs >= 0 && (own[differs] ?? 0) < (other[differs] ?? 0);
}
