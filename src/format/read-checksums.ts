import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, Failure } from "../failure/failure.ts";

/** The SHA-256 of each file that `SHA256SUMS` of a backup names. Throws `damaged` when it is not there or not of that form. */
export async function readChecksums(folder: string): Promise<Map<string, string>> {
  const file = join(folder, "SHA256SUMS");
  const sums = new Map<string, string>();
  const text = await readText(file);
  if (!text.endsWith("\n")) throw new Failure("damaged", `${file} ends in the middle of a line`);
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const match = /^([0-9a-f]{64}) [ *]([^/\0]+)$/u.exec(line);
    if (match?.[1] === undefined || match[2] === undefined || /^\.\.?$/u.test(match[2]))
      throw new Failure("damaged", `${file} has a line that is no checksum`);
    if (sums.has(match[2])) throw new Failure("damaged", `${file} names ${match[2]} twice`);
    sums.set(match[2], match[1]);
  }
  return sums;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") throw new Failure("damaged", `${file} is not there`, { cause: thrown });
    throw thrown;
  }
}
