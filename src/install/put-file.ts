import { randomBytes } from "node:crypto";
import { chmod, copyFile, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { errorCode } from "../failure/failure.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import type { InstallStep } from "./install-step.ts";

export interface FileWish {
  file: string;
  mode: number;
  /** What it has to hold, as text or as the file that it is a copy of. */
  content: string | { copyOf: string };
  /** Whether one that is there stays as it is, whatever it holds. */
  isUsers?: boolean;
}

/** Makes a file be there with its content and mode, in one step, so that a program that runs from it goes on. */
export async function putFile(
  { file, mode, content, isUsers = false }: FileWish,
  dryRun: boolean,
): Promise<InstallStep> {
  try {
    const there = await statIfThere(file);
    if (there !== null && (isUsers || (await holds(file, content)))) {
      if (isUsers || (there.mode & 0o7777) === mode) return { what: file, outcome: "kept" };
      if (!dryRun) await chmod(file, mode);
      return { what: file, outcome: dryRun ? "wanted" : "changed", note: "its mode" };
    }
    if (!dryRun) await write(file, mode, content);
    return { what: file, outcome: dryRun ? "wanted" : there === null ? "made" : "changed" };
  } catch (thrown) {
    throw storageFailure(`can't write ${file}`, thrown);
  }
}

async function write(file: string, mode: number, content: FileWish["content"]): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o755 });
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    if (typeof content !== "string") await copyFile(content.copyOf, temporary);
    const handle = await open(temporary, typeof content === "string" ? "wx" : "r+");
    try {
      if (typeof content === "string") await handle.writeFile(content);
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function holds(file: string, content: FileWish["content"]): Promise<boolean> {
  if (typeof content === "string") return (await readFile(file, "utf8")) === content;
  const [one, other] = await Promise.all([stat(file), stat(content.copyOf)]);
  if (one.ino === other.ino && one.dev === other.dev) return true;
  return one.size === other.size && (await readFile(file)).equals(await readFile(content.copyOf));
}

async function statIfThere(file: string) {
  try {
    return await stat(file);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw thrown;
  }
}
