import { stat } from "node:fs/promises";
import path from "node:path";
import type { DoctorCheck } from "../contract/api.ts";
import { errorCode } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";

/**
 * Whether QEMU, which is another user, comes through all folders on the way to one of Davit's: each has to let others search it.
 */
export async function checkWay(name: string, folder: string): Promise<DoctorCheck> {
  const closed: string[] = [];
  for (const one of wayTo(folder)) {
    const mode = await modeOf(one);
    if (mode !== null && (mode & 0o001) === 0) closed.push(one);
  }
  if (closed.length === 0) return { name, status: "ok", message: `QEMU comes through to ${folder}` };
  return {
    name,
    status: "error",
    message: `QEMU, which runs as another user, does not come through ${closed.join(" and ")} to ${folder}`,
    hint: `let it search the folder, not read it: chmod o+x ${closed.join(" ")}`,
  };
}

function wayTo(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [...wayTo(parent), folder];
}

async function modeOf(folder: string): Promise<number | null> {
  try {
    return (await stat(folder)).mode;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw storageFailure(`can't look at ${folder}`, thrown);
  }
}
