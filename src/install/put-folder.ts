import { chmod, mkdir, stat } from "node:fs/promises";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import type { InstallStep } from "./install-step.ts";

/** Makes a folder be there, with at least the rights that `mode` gives to others; what a user has set besides stays. */
export async function putFolder(folder: string, mode: number, dryRun: boolean): Promise<InstallStep> {
  try {
    const there = await modeOf(folder);
    if (there !== null && (there & mode) === mode) return { what: folder, outcome: "kept" };
    if (dryRun) return { what: folder, outcome: "wanted" };
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await chmod(folder, (there ?? 0) | mode);
    return there === null
      ? { what: folder, outcome: "made" }
      : { what: folder, outcome: "changed", note: `its mode, to ${((there | mode) & 0o7777).toString(8)}` };
  } catch (thrown) {
    throw storageFailure(`can't make the folder ${folder}`, thrown);
  }
}

async function modeOf(folder: string): Promise<number | null> {
  try {
    const found = await stat(folder);
    if (!found.isDirectory())
      throw new Failure("storage", `${folder} is there and is no folder`, {
        hint: "move it away, or name another one",
      });
    return found.mode & 0o7777;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw thrown;
  }
}
