import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { RunReporter } from "../contract/run-event.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";

/** What a file system needs besides the contents. */
const spareBytes = 16 * 1024 * 1024;

/**
 * Looks whether the file system of a folder, which need not be there yet, has room for that many bytes of content. Throws
 * `storage` with both figures where it has not. `least` is what is written in any case, where holes may save the rest: then
 * there is only a warning.
 */
export async function requireSpace(
  folder: string,
  { bytes, least }: { bytes: number; least: number },
  reporter: Pick<RunReporter, "warning">,
  hint = "free some space, or restore to another file system (`--to`), or only the paths that you need",
): Promise<void> {
  const free = await freeBytes(folder);
  const figures = `needs ${mebibytes(bytes)} MiB, and ${mebibytes(free)} MiB are free there`;
  if (least + spareBytes > free)
    throw new Failure("storage", `there is no room in ${folder}: the restore ${figures}`, {
      hint,
    });
  if (bytes + spareBytes > free) reporter.warning(`${folder} may be too small: the restore ${figures}`);
}

async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT" && folder !== dirname(folder)) return freeBytes(dirname(folder));
    throw storageFailure(`can't ask for the free space of ${folder}`, thrown);
  }
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
