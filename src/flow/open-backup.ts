import type { BackupId } from "../contract/backup-id.ts";
import { backupId } from "../contract/backup-id.ts";
import type { Manifest } from "../contract/manifest.ts";
import { Failure } from "../failure/failure.ts";
import { readManifest } from "../format/read-manifest.ts";
import type { Davit } from "./davit.ts";

/** A sealed backup that can be read. */
export interface OpenBackup {
  id: BackupId;
  folder: string;
  manifest: Manifest;
}

/** The backup that `module/time` or `module@latest` names; a `missing` or `damaged` Failure where it can't be read. */
export async function openBackup(davit: Pick<Davit, "vault">, name: string): Promise<OpenBackup> {
  const { module, time, problem } = await davit.vault.resolve(name);
  const id = backupId(module, time);
  const folder = davit.vault.folder(id);
  // Read again, for the Failure that says best what is wrong.
  const manifest = await readManifest(folder);
  if (problem !== null) throw new Failure("damaged", `${id} can't be used: ${problem}`);
  return { id, folder, manifest };
}
