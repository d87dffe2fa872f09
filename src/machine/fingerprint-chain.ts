import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { asFailure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { readChecksums } from "../format/read-checksums.ts";
import { hashFile } from "./hash-file.ts";
import type { PlacedPoint } from "./verify-chain.ts";

/** The SHA-256 of each sealed file of a point and of those that it builds on, by its path. */
export type Fingerprint = ReadonlyMap<string, string>;

/** Takes the fingerprint of what is there; what is appended to a point later is no part of it. */
export async function fingerprintChain(
  points: readonly PlacedPoint[],
  signal: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<Fingerprint> {
  const sums = new Map<string, string>();
  for (const { folder } of points) {
    const names = await readdir(folder).catch((thrown: unknown) => {
      throw storageFailure(`can't read ${folder}`, thrown);
    });
    for (const name of names.toSorted())
      if (!isAppended(name)) sums.set(join(folder, name), (await hashFile(join(folder, name), signal, onBytes)).sha256);
  }
  return sums;
}

/** What is wrong with the points by their own checksums, for people; null where nothing is. */
export async function damageOf(points: readonly PlacedPoint[], fingerprint: Fingerprint): Promise<string | null> {
  for (const { point, folder } of points) {
    let sums: Map<string, string>;
    try {
      sums = await readChecksums(folder);
    } catch (thrown) {
      return `${point.id}: ${asFailure(thrown).message}`;
    }
    for (const [name, sum] of sums) {
      const found = fingerprint.get(join(folder, name));
      if (found === undefined) return `${point.id}: ${name} is missing`;
      if (found !== sum) return `${point.id}: ${name} does not match its checksum`;
    }
  }
  return null;
}

function isAppended(name: string): boolean {
  return name === "evidence.ndjson" || name.startsWith(".") || isDrillPicture(name);
}

/** Whether a file beside a point is the picture of a boot drill. */
export function isDrillPicture(name: string): boolean {
  return /^drill-\d{8}T\d{6}Z\.png$/u.test(name);
}
