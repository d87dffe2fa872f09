import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Evidence, evidence } from "../contract/manifest.ts";
import { evidenceFile } from "./file-names.ts";

/** What `evidence.ndjson` of a backup or a point holds, oldest first. Lines that can't be read prove nothing and are left out. */
export async function readEvidence(folder: string): Promise<Evidence[]> {
  let text: string;
  try {
    text = await readFile(join(folder, evidenceFile), "utf8");
  } catch {
    // No evidence, or none that can be read, is the same: nothing is proven.
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      const parsed = evidence.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}
