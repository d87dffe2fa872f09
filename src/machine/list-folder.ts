import { readdir } from "node:fs/promises";
import { errorCode } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";

/** The folders in a folder, links to folders included, in no order; none where it isn't there and `mayLack`. */
export async function listFolder(folder: string, mayLack = false): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map((entry) => entry.name);
  } catch (thrown) {
    if (mayLack && errorCode(thrown) === "ENOENT") return [];
    throw storageFailure(`can't read ${folder}`, thrown);
  }
}
