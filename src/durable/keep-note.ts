import { readFile } from "node:fs/promises";
import { writeDurably } from "./write-durably.ts";

/** Makes sure that a note for people (mode 0644) is the one of this version; a file that is right is not touched. */
export async function keepNote(file: string, text: string): Promise<void> {
  const present = await readFile(file, "utf8").catch(() => null);
  if (present !== text) await writeDurably(file, text, 0o644);
}
