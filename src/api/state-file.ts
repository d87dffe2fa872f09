import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import { writeDurably } from "../durable/write-durably.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";

/** What a JSON file of the state folder holds; null where there is none. A file that can't be understood is a `damaged` Failure. */
export async function readStateFile<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw storageFailure(`can't read ${file}`, thrown);
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
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw storageFailure(`can't make ${folder}`, thrown);
  }
  await writeDurably(file, `${JSON.stringify(value, null, 2)}\n`);
}
