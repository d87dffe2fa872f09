import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Ran, runDavit, runShell } from "../fixtures/run-davit.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { type BackupWish, sealedBackup } from "../fixtures/sealed-backup.ts";

/** A host of its own for one test: a module's folder with a few files, a vault, a state folder, and no engine. */
export interface Scene {
  root: string;
  /** The source: `notes.txt` and `deep/data`. */
  source: string;
  vault: string;
  settings: Record<string, string>;
  backup(module: string, time: string, order?: BackupWish["order"]): Promise<string>;
  davit(...words: string[]): Promise<Ran>;
  shell(line: string): Promise<Ran>;
}

export async function makeScene(): Promise<Scene> {
  const root = await scratchFolder();
  const source = join(root, "volumes/nas");
  const vault = join(root, "vault");
  await mkdir(join(source, "deep"), { recursive: true });
  await mkdir(vault);
  await writeFile(join(source, "notes.txt"), "remember the milk\n");
  await writeFile(join(source, "deep/data"), Buffer.alloc(300_000, "0123456789"));
  const settings = {
    DAVIT_VAULT: vault,
    DAVIT_STATE: join(root, "state"),
    DAVIT_ROOTS: join(root, "volumes"),
    DOCKER_HOST: "unix:///nonexistent",
    TZ: "Europe/Berlin",
  };
  return {
    root,
    source,
    vault,
    settings,
    backup: (module, time, order) => sealedBackup({ vault, module, time, source, ...(order && { order }) }),
    davit: (...words) => runDavit(words, settings),
    shell: (line) => runShell(line, settings),
  };
}
