import { createHash } from "node:crypto";
import { chmod, chown, open, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PointManifest } from "../contract/machine.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { manifestFile, sumsFile } from "../format/file-names.ts";

export interface PointSealOrder {
  /** The folder with the disks and documents that the manifest names. */
  partial: string;
  /** Where the sealed point is to stand; must not exist. */
  folder: string;
  manifest: PointManifest;
}

/**
 * Makes a point of a partial folder: writes manifest and SHA256SUMS, flushes every file and the folder to disk, then gives it its
 * final name and flushes that, with the folders of the chain and the machine. Before the rename no point exists, after it a whole one.
 */
export async function sealPoint({ partial, folder, manifest }: PointSealOrder): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const files = [...manifest.disks, ...manifest.documents];
  const lines = [
    ...files.map(({ file, sha256 }) => `${sha256}  ${file}\n`),
    `${createHash("sha256").update(text).digest("hex")}  ${manifestFile}\n`,
  ];
  try {
    await writeFile(join(partial, manifestFile), text, { flag: "wx", mode: 0o600 });
    await writeFile(join(partial, sumsFile), lines.join(""), { flag: "wx", mode: 0o600 });
    for (const name of [...files.map(({ file }) => file), manifestFile, sumsFile]) await settle(join(partial, name));
    await flush(partial);
    await rename(partial, folder);
    await flush(dirname(folder));
    await flush(dirname(dirname(folder)));
  } catch (thrown) {
    throw storageFailure(`can't seal ${folder}`, thrown);
  }
}

/** libvirt gives a disk to QEMU's user while that writes it; from now on it is nobody else's. */
async function settle(file: string): Promise<void> {
  if (process.getuid !== undefined && process.getgid !== undefined)
    await chown(file, process.getuid(), process.getgid());
  await chmod(file, 0o600);
  await flush(file);
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
