import { createHash } from "node:crypto";
import { open, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Manifest } from "../contract/manifest.ts";
import {
  composeFileName,
  containersFile,
  manifestFile,
  networksFile,
  sumsFile,
  volumesFile,
} from "../format/file-names.ts";

export interface SealOrder {
  /** The folder with the archive and the index, as `archiveSources` left it. */
  partial: string;
  /** Where the sealed backup is to stand; must not exist. */
  folder: string;
  manifest: Manifest;
  /** The inspect documents of the containers, and of the networks and named volumes that they use. */
  containers: unknown;
  networks: unknown;
  volumes: unknown;
  /** The module as a compose file. */
  compose: string;
}

/**
 * Makes a backup of a partial folder: writes manifest, documents, compose file and SHA256SUMS, flushes every file and the
 * folder to disk, then gives it its final name and flushes that. Before the rename no backup exists, after it a whole one.
 */
export async function sealBackup(order: SealOrder): Promise<void> {
  const { partial, folder, manifest } = order;
  const texts: Readonly<Record<string, string>> = {
    [manifestFile]: `${JSON.stringify(manifest, null, 2)}\n`,
    [containersFile]: document(order.containers),
    [networksFile]: document(order.networks),
    [volumesFile]: document(order.volumes),
    [composeFileName]: order.compose,
  };
  const sums = new Map([
    [manifest.archive.file, manifest.archive.sha256],
    [manifest.index.file, manifest.index.sha256],
  ]);
  for (const [name, text] of Object.entries(texts)) {
    await writeFile(join(partial, name), text, { flag: "wx", mode: 0o600 });
    sums.set(name, createHash("sha256").update(text).digest("hex"));
  }
  const lines = [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join("");
  await writeFile(join(partial, sumsFile), lines, { flag: "wx", mode: 0o600 });
  for (const name of [...sums.keys(), sumsFile]) await flush(join(partial, name));
  await flush(partial);
  await rename(partial, folder);
  await flush(dirname(folder));
}

function document(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
