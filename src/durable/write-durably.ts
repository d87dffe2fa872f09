import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { storageFailure } from "../failure/storage-failure.ts";
import { syncFolder } from "./sync-folder.ts";

/**
 * Replaces a file's content in one step: whoever reads it, also after a power cut, sees the old content or the new, never
 * a part. Throws a `storage` Failure that names the file, and leaves the old content then.
 */
export async function writeDurably(file: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    const handle = await open(temporary, "wx", mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncFolder(path.dirname(file));
  } catch (thrown) {
    // Nothing to add where even that fails: the first error says why.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw storageFailure(`can't write ${file}`, thrown);
  }
}
