import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import { errorCode, Failure } from "../failure/failure.ts";

/** What a JSON file of the state folder holds; null where there is none. A file that can't be understood is a `damaged` Failure. */
export async function readStateFile<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw thrown;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure("damaged", `can't understand ${file}`, { hint: "remove the file and start again", cause });
  }
}

/** Replaces a file of the state folder in one step, readable by its owner alone. */
export async function writeStateFile(file: string, value: unknown): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = path.join(folder, `.${path.basename(file)}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(value, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (thrown) {
    // Nothing to add where even that fails: the first error says why.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw thrown;
  }
}
