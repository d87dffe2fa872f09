import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RunReporter } from "../contract/run-event.ts";
import { asFailure } from "../failure/failure.ts";
import type { PlannedDisk } from "./plan-point.ts";
import { runQemuImg } from "./run-qemu-img.ts";

/** A disk of many TiB takes its time; what hangs for two days hangs. */
const limitMs = 48 * 3_600_000;

/**
 * Compresses the disks of a point that isn't sealed yet, so that no other builds on it. A disk that can't be compressed, since the vault is
 * nearly full for one, stays as it is, and that is told.
 */
export async function packDisks(
  folder: string,
  disks: readonly PlannedDisk[],
  reporter: Pick<RunReporter, "warning">,
  signal: AbortSignal,
): Promise<void> {
  for (const { target, file, backing } of disks) {
    const packed = `${file}.packed`;
    const based = backing === null ? [] : ["-B", backing, "-F", "qcow2"];
    const output = ["-O", "qcow2", "-c", "-o", "compression_type=zstd", ...based];
    try {
      await runQemuImg(["convert", "-m", "4", "-W", "-f", "qcow2", ...output, "--", file, packed], {
        folder,
        timeoutMs: limitMs,
        signal,
      });
      const [before, after] = await Promise.all([stat(join(folder, file)), stat(join(folder, packed))]);
      if (after.size < before.size) await rename(join(folder, packed), join(folder, file));
    } catch (error) {
      signal.throwIfAborted();
      reporter.warning(`${target} could not be compressed: ${asFailure(error).message}`);
    }
    await rm(join(folder, packed), { force: true });
  }
}
