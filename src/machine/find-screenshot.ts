import { readdir } from "node:fs/promises";
import path from "node:path";
import { errorCode } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";

/** The picture of the last boot drill in a point's folder, `drill-<time>.png`; null where there is none. */
export async function findScreenshot(folder: string): Promise<string | null> {
  try {
    const pictures = (await readdir(folder)).filter((name) => /^drill-[\w.-]+\.png$/u.test(name)).toSorted();
    const newest = pictures.at(-1);
    return newest === undefined ? null : path.join(folder, newest);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw storageFailure(`can't read ${folder}`, thrown);
  }
}
