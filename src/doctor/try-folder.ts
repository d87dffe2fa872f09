import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";

const content = "davit doctor was here; this folder may be removed\n";

/** Does in a folder what a backup will do there: makes a folder, writes and flushes a file, renames, reads, removes. Throws a Failure for what does not work. */
export async function tryFolder(folder: string): Promise<void> {
  const trial = path.join(folder, `.davit-doctor-${randomBytes(4).toString("hex")}`);
  const renamed = `${trial}.renamed`;
  try {
    await mkdir(trial, { mode: 0o700 });
    try {
      const handle = await open(path.join(trial, "file"), "wx", 0o600);
      try {
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(trial, renamed);
      if ((await readFile(path.join(renamed, "file"), "utf8")) !== content)
        throw new Failure("storage", `${folder} does not give back what was written to it`, {
          hint: "the disk or the share may be failing: look at the kernel's log (dmesg)",
        });
    } finally {
      await rm(trial, { recursive: true, force: true });
      await rm(renamed, { recursive: true, force: true });
    }
  } catch (thrown) {
    throw storageFailure(`can't write to ${folder}`, thrown);
  }
}
