import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { backupId } from "../contract/backup-id.ts";
import { type BackupSummary, formatVersion, type Manifest, manifest } from "../contract/manifest.ts";
import { errorCode } from "../failure/failure.ts";
import { readEvidence } from "../format/read-evidence.ts";

/**
 * A backup as lists show it. Looks at the manifest and at the size of the files, reads no archive; what is wrong stands in
 * `problem`. Null where the folder is gone or is no folder.
 */
export async function readBackup(folder: string, module: string, time: string): Promise<BackupSummary | null> {
  if (!(await isFolder(folder))) return null;
  const seen = await readManifest(path.join(folder, "manifest.json"));
  const problem = seen.problem ?? (await findProblem(folder, `${module}/${time}`, seen.manifest));
  return {
    id: backupId(module, time),
    module,
    time,
    manifest: seen.manifest,
    evidence: await readEvidence(folder),
    problem,
  };
}

type Seen = { manifest: Manifest; problem: null } | { manifest: null; problem: string };

const versioned = z.looseObject({ format: z.number() });

async function readManifest(file: string): Promise<Seen> {
  const broken = (problem: string): Seen => ({ manifest: null, problem });
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, "utf8"));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return broken("manifest.json is damaged: it is not JSON");
    if (errorCode(thrown) === "ENOENT") return broken("manifest.json is missing");
    return broken(`manifest.json can't be read (${errorCode(thrown) ?? String(thrown)})`);
  }
  const version = versioned.safeParse(content);
  if (!version.success) return broken("manifest.json is damaged: it names no format");
  if (version.data.format > formatVersion)
    return broken(
      `written by a newer Davit (format ${version.data.format}, this one reads up to ${formatVersion}): update Davit`,
    );
  const parsed = manifest.safeParse(content);
  if (parsed.success) return { manifest: parsed.data, problem: null };
  const issue = parsed.error.issues[0];
  return broken(`manifest.json is damaged: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`);
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
