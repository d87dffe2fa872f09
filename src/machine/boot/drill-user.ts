import { readFile } from "node:fs/promises";
import { errorCode } from "../../failure/failure.ts";

/** Whose rights QEMU has in a drill. */
export interface DrillUser {
  name: string;
  uid: number;
  gid: number;
  /** The group that may use /dev/kvm; null where there is none. */
  kvmGid: number | null;
}

/** One of their own, where the agent's installation made it; else the one that has the least. */
const candidates = ["davit-drill", "nobody"];

/**
 * The user that a drill's QEMU runs as; null where Davit itself may not change that, and QEMU runs as Davit does. libvirt's own
 * user is not taken: the disks of all running machines are his.
 */
export async function findDrillUser(): Promise<DrillUser | null> {
  if (process.getuid?.() !== 0) return null;
  const users = await fieldsOf("/etc/passwd");
  const kvm = Number((await fieldsOf("/etc/group")).find(([name]) => name === "kvm")?.[2]);
  for (const name of candidates) {
    const found = users.find((fields) => fields[0] === name);
    const [uid, gid] = [Number(found?.[2]), Number(found?.[3])];
    if (uid > 0 && gid > 0) return { name, uid, gid, kvmGid: kvm > 0 ? kvm : null };
  }
  return null;
}

async function fieldsOf(file: string): Promise<string[][]> {
  try {
    return (await readFile(file, "utf8")).split("\n").map((line) => line.split(":"));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
