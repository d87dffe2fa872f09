import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DavitProgram, type Finished } from "../fixtures/davit-program.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";
import { type BackupWish, sealedBackup } from "../fixtures/sealed-backup.ts";

/** A host of its own for one test: a module's folder with a few files, a vault, a state folder, and no engine. */
export interface Scene {
  root: string;
  /** The source: `notes.txt` and `deep/data`. */
  source: string;
  vault: string;
  program: DavitProgram;
  /** The program's environment. */
  settings: Record<string, string>;
  backup(module: string, time: string, order?: BackupWish["order"]): Promise<string>;
  davit(...words: string[]): Promise<Finished>;
  shell(line: string): Promise<Finished>;
}

export async function makeScene(): Promise<Scene> {
  const root = await scratchFolder();
  const program = await DavitProgram.in(root, { DOCKER_HOST: "unix:///nonexistent", TZ: "Europe/Berlin" });
  const { vault, environment: settings } = program;
  const source = join(program.root, "nas");
  await mkdir(join(source, "deep"), { recursive: true });
  await writeFile(join(source, "notes.txt"), "remember the milk\n");
  await writeFile(join(source, "deep/data"), Buffer.alloc(300_000, "0123456789"));
  return {
    root,
    source,
    vault,
    program,
    settings,
    backup: (module, time, order) => sealedBackup({ vault, module, time, source, ...(order && { order }) }),
    davit: (...words) => program.run(...words),
    shell: (line) => program.shell(line),
  };
}
