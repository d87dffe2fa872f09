import { open } from "node:fs/promises";
import { storageFailure } from "../failure/storage-failure.ts";
import { runQemuImg } from "./run-qemu-img.ts";

export interface ConvertOrder {
  /** A disk of a point, with what it builds on. */
  from: string;
  /** The file that is written; it must not be there. */
  to: string;
  format: "qcow2" | "raw";
  signal: AbortSignal;
  /** Told of the share that is done, 0 to 1. */
  onProgress?: (share: number) => void;
}

const limitMs = 48 * 3_600_000;

/** Writes what a guest saw on a disk to a file that builds on no other; it is on the disk once the promise is fulfilled. */
export async function convertDisk({ from, to, format, signal, onProgress }: ConvertOrder): Promise<void> {
  const words = ["convert", "-p", "-m", "4", "-W", "-f", "qcow2", "-O", format, "--", from, to];
  await runQemuImg(words, {
    timeoutMs: limitMs,
    signal,
    onLine: (line) => {
      const percent = /\(([\d.]+)\/100%\)/u.exec(line)?.[1];
      if (percent !== undefined) onProgress?.(Number(percent) / 100);
    },
  });
  try {
    const handle = await open(to, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw storageFailure(`can't write ${to}`, thrown);
  }
}
