import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { DoctorCheck } from "../contract/api.ts";

export interface AppArmorToCheck {
  vault: string;
  /** Whether a backup of a machine that runs has worked on this host. */
  hasWorked: boolean;
  /** What stands for `/`. */
  root?: string;
}

/** Ubuntu 24.04 and Debian 13 read a folder of additions, those before a file. */
const folder = "/etc/apparmor.d/abstractions/libvirt-qemu.d";
const file = "/etc/apparmor.d/local/abstractions/libvirt-qemu";
const abstraction = "/etc/apparmor.d/abstractions/libvirt-qemu";

/** Whether AppArmor, where it confines QEMU, lets it write to the vault. Only a backup shows it for certain. */
export async function checkAppArmor({ vault, hasWorked, root = "/" }: AppArmorToCheck): Promise<DoctorCheck> {
  const name = "apparmor";
  const read = async (one: string): Promise<string> => readFile(path.join(root, one), "utf8").catch(() => "");
  const rules = await read(abstraction);
  if (!(await read("/sys/module/apparmor/parameters/enabled")).startsWith("Y") || rules === "")
    return { name, status: "ok", message: "QEMU is not confined by AppArmor here" };
  const names = await readdir(path.join(root, folder)).catch(() => []);
  const own = await Promise.all([file, ...names.map((one) => path.join(folder, one))].map(read));
  if (own.some((text) => text.includes(`${vault}/`)))
    return { name, status: "ok", message: `AppArmor has a rule that lets QEMU write to ${vault}` };
  if (hasWorked) return { name, status: "ok", message: "AppArmor confines QEMU, and backups work with that" };
  const place = rules.includes("libvirt-qemu.d") ? path.join(folder, "davit") : file;
  return {
    name,
    status: "warning",
    message: `AppArmor confines QEMU, and has no rule for ${vault}: a backup may be denied ("Permission denied")`,
    hint: `if it is: put the line \`"${vault}/**" rwk,\` into ${place}, then systemctl reload apparmor; docs/agent.md has more`,
  };
}
