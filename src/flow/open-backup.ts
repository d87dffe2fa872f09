import type { Manifest } from "../contract/manifest.ts";
import { Failure } from "../failure/failure.ts";
import { readManifest } from "../format/read-manifest.ts";
import type { Davit } from "./davit.ts";

/** A backup that can be read: its full id, its module, its folder, its manifest. */
export interface OpenBackup {
  id: string;
  module: string;
  folder: string;
  manifest: Manifest;
}

/**
 * Opens the backup that `module/time` or `module@latest` names. Throws `missing` where there is none, `damaged` where its
 * manifest can't be used; whether archive and index are sound shows when they are read.
 */
export async function openBackup(davit: Davit, id: string): Promise<OpenBackup> {
  const found = await davit.vault.resolve(id);
  if (found.manifest === null)
    throw new Failure("damaged", `${found.id} can't be used: ${found.problem ?? "it has no manifest"}`, {
      hint: `\`davit list ${found.module}\` shows its other backups; RESTORE.txt in the vault tells how to restore with tar alone`,
    });
  const folder = davit.vault.folder(found.id);
  // Read again, since this reader also refuses a manifest that names files outside of the folder.
  return { id: found.id, module: found.module, folder, manifest: await readManifest(folder) };
}
