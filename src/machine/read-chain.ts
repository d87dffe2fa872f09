import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { backupTime } from "../contract/backup-id.ts";
import { type PointManifest, pointFormatVersion, pointManifest, type PointSummary } from "../contract/machine.ts";
import { errorCode } from "../failure/failure.ts";
import { manifestFile, sumsFile } from "../format/file-names.ts";
import { readEvidence } from "../format/read-evidence.ts";
import { readVersioned } from "../format/read-versioned.ts";
import { listFolder } from "./list-folder.ts";
import { idOfPoint, type PointParts } from "./point-parts.ts";

/**
 * The points of a chain, oldest first. Looks at manifests and at the size of the files, reads no disk; what is wrong with a
 * point, or with one that it builds on, stands in its `problem`.
 */
export async function readChain(vault: string, machine: string, chain: string): Promise<PointSummary[]> {
  const folder = path.join(vault, machine, chain);
  const times = (await listFolder(folder, true)).filter((name) => backupTime.safeParse(name).success).toSorted();
  const points: PointSummary[] = [];
  for (const time of times) {
    const point = await readPoint(path.join(folder, time), { machine, chain, time });
    points.push({ ...point, problem: point.problem ?? problemOfParent(point, points) });
  }
  return points;
}

function problemOfParent({ manifest }: PointSummary, older: readonly PointSummary[]): string | null {
  if (manifest === null || manifest.parent === null) return null;
  const parent = older.find((one) => one.time === manifest.parent);
  if (parent === undefined) return `it builds on ${manifest.parent}, which is missing`;
  return parent.problem === null ? null : `it builds on ${parent.time}, which can't be used: ${parent.problem}`;
}

async function readPoint(folder: string, parts: PointParts): Promise<PointSummary> {
  const seen = await readVersioned(path.join(folder, manifestFile), pointManifest, pointFormatVersion);
  const stored = await readEvidence(folder);
  const names = await listFiles(folder);
  return {
    id: idOfPoint(parts),
    ...parts,
    manifest: seen.content,
    evidence: stored,
    screenshot: names.some((name) => /^drill-.*\.png$/u.test(name)),
    problem: seen.problem ?? (await findProblem(folder, parts, seen.content)),
  };
}

async function findProblem(folder: string, parts: PointParts, found: PointManifest | null): Promise<string | null> {
  if (found === null) return null;
  const named = idOfPoint(found);
  if (named !== idOfPoint(parts)) return `manifest.json is that of ${named}: the folder was renamed`;
  for (const { file, backing } of found.disks) {
    const expected = found.parent === null ? null : `../${found.parent}/${file}`;
    if (backing !== null && backing !== expected) return `manifest.json is damaged: ${file} can't build on ${backing}`;
  }
  for (const { file, bytes } of [...found.disks, ...found.documents, { file: sumsFile, bytes: null }]) {
    if (file !== path.basename(file)) return `manifest.json is damaged: ${file} is not a file's name`;
    try {
      const { size } = await stat(path.join(folder, file));
      if (bytes !== null && size !== bytes) return `${file} has ${size} bytes instead of ${bytes}`;
    } catch (thrown) {
      if (errorCode(thrown) === "ENOENT") return `${file} is missing`;
      return `${file} can't be read (${errorCode(thrown) ?? String(thrown)})`;
    }
  }
  return null;
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    // What can't be read shows as the manifest's problem.
    return [];
  }
}
