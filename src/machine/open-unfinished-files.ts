import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { z } from "zod";
import { type ModuleJournal, openModuleJournal } from "../durable/open-module-journal.ts";
import { withCleanup } from "../failure/failure.ts";

const prefix = ".davit-restore-";

const unfinishedEntry = z.strictObject({
  format: z.literal(1),
  /** The machine's name. */
  module: z.string(),
  /** Files and folders that have no name of their own yet. */
  paths: z.array(z.string().refine((path) => isAbsolute(path) && basename(path).startsWith(prefix))),
});

/** What restores to other places are writing, so that what one leaves is removed even when its process dies. */
export type UnfinishedFiles = ModuleJournal<z.infer<typeof unfinishedEntry>>;

/** The journal in the state folder. */
export function openUnfinishedFiles(stateDir: string): UnfinishedFiles {
  return openModuleJournal({
    folder: join(stateDir, "unfinished-files"),
    schema: unfinishedEntry,
    what: "the list of unfinished files",
    hint: `remove what is called ${prefix}… where machines were restored to, then delete the file`,
  });
}

/** Where the content of `file` is written until it is whole: beside it, and nobody else's. */
export function unfinishedPath(file: string): string {
  return join(dirname(file), `${prefix}${randomBytes(8).toString("hex")}`);
}

/** Does the work that writes to these paths. Whatever is still there afterwards goes, also when it throws or is killed. */
export async function whileUnfinished<T>(
  journal: UnfinishedFiles,
  machine: string,
  paths: string[],
  work: () => Promise<T>,
): Promise<T> {
  await journal.write({ format: 1, module: machine, paths });
  return withCleanup(work, async () => {
    await removeUnfinished(journal, machine);
  });
}

/** Removes what is listed of a machine, and says where it was: null where nothing was listed. */
export async function removeUnfinished(journal: UnfinishedFiles, machine: string): Promise<string[] | null> {
  const entry = await journal.read(machine);
  if (entry === null) return null;
  for (const path of entry.paths) await rm(path, { recursive: true, force: true });
  await journal.clear(machine);
  return [...new Set(entry.paths.map((path) => dirname(path)))];
}
