import { stat } from "node:fs/promises";
import path from "node:path";
import { type BackupSummary, formatVersion, type Manifest, manifest } from "../contract/manifest.ts";
import { errorCode } from "../failure/failure.ts";
import { readEvidence } from "../format/read-evidence.ts";
import { readVersioned } from "../format/read-versioned.ts";

/**
 * The backup that an id (`nas/20261122T020000Z`) has in the vault `dir`, as lists show it. Looks at the manifest and at the size of the files, reads no archive; what is wrong stands in
 * `problem`. Null where the folder is gone or is no folder.
 */
export async function readBackup(dir: string, id: string): Promise<BackupSummary | null> {
  const folder = path.join(dir, id);
  const [module = "", time = ""] = id.split("/");
  if (!(await isFolder(folder))) return null;
  const seen = await readVersioned(path.join(folder, "manifest.json"), manifest, formatVersion);
  const problem = seen.problem ?? (await findProblem(folder, id, seen.content));
  return {
    id,
    module,
    time,
    manifest: seen.content,
    evidence: await readEvidence(folder),
    problem,
  };
}

async function findProblem(folder: string, id: string, found: Manifest | null): Promise<string | null> {
  if (found === null) return null;
  const named = `${found.module}/${found.time}`;
  if (named !== id) return `manifest.json is that of ${named}: the folder was renamed`;
  for (const { file, bytes } of [
    found.archive,
    { file: found.index.file, bytes: null },
    { file: "SHA256SUMS", bytes: null },
  ]) {
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

async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch (thrown) {
    // Pruned since the folder was listed; any other trouble shows with the manifest.
    return errorCode(thrown) !== "ENOENT";
  }
}
