import { isAbsolute, normalize } from "node:path";
import { Failure } from "../failure/failure.ts";
import type { BytePath } from "../format/byte-path.ts";
import { extractBackup, type ExtractResult } from "../restore/extract-backup.ts";
import { selectBytes } from "../restore/select-entries.ts";
import type { Davit } from "./davit.ts";
import type { FlowRequest } from "./flow-request.ts";
import { openBackup } from "./open-backup.ts";
import { recordRun } from "./record-run.ts";
import { requireSpace } from "./require-space.ts";
import { restoreInPlace } from "./restore-in-place.ts";
import { restoreInTwin } from "./twin-verbs.ts";

export interface RestoreWish {
  /** The folder that stands for `/`, absolute; null to restore in place. */
  target: string | null;
  /** Only these files and folders, without leading slash; everything when empty. */
  paths: BytePath[];
}

export interface RestoreResult extends ExtractResult {
  backup: string;
  target: string | null;
  /** Where the data from before is kept, for a restore in place. */
  keptAside: string[];
  /** What is wrong with containers that did not become healthy again, in words. */
  unwell: string[];
}

/**
 * Restores a backup, or parts of it: below a folder, where nothing is overwritten, or in place, where containers stop meanwhile
 * and the old data is kept aside. Every content is compared with its checksum before it takes its place.
 */
export async function restoreBackup(
  davit: Davit,
  name: string,
  { target, paths }: RestoreWish,
  request: FlowRequest,
): Promise<RestoreResult> {
  if (target !== null) refuseOwnFolders(davit, target);
  const backup = await openBackup(davit, name);
  const elsewhere = target === null ? await restoreInTwin(davit, backup, paths, request) : null;
  if (elsewhere !== null) return elsewhere;
  return recordRun(davit, request, {
    kind: "restore",
    module: backup.module,
    backup: backup.id,
    work: async (reporter) => {
      const context = { davit, backup, reporter, signal: request.signal };
      if (target === null) return { backup: backup.id, target, ...(await restoreInPlace(context, paths)) };
      reporter.stage("plan");
      const bytes = await selectBytes(backup, paths);
      await requireSpace(target, bytes, reporter);
      reporter.stage("extract");
      const result = await extractBackup({
        folder: backup.folder,
        manifest: backup.manifest,
        target,
        ...(paths.length > 0 && { select: paths }),
        signal: request.signal,
        onProgress: (now) => reporter.progress(now),
      });
      return { backup: backup.id, target, ...result, keptAside: [], unwell: [] };
    },
  });
}

function refuseOwnFolders({ config }: Davit, target: string): void {
  if (!isAbsolute(target))
    throw new Failure("usage", `${target} is not an absolute path`, { hint: "name the folder from / on" });
  for (const name of ["vault", "state"] as const) {
    if (!`${normalize(target)}/`.replace(/\/+$/u, "/").startsWith(`${config[name]}/`)) continue;
    throw new Failure("usage", `${target} lies in Davit's own ${name}`, { hint: "restore to another folder" });
  }
}
