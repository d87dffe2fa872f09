import type { ChangeKind, ComparePage, FolderPage, Page, SearchPage } from "../contract/browse.ts";
import type { IndexPlace } from "../browse/table-cache.ts";
import type { BytePath } from "../format/byte-path.ts";
import { findEntry } from "../format/find-entry.ts";
import type { FindEntry } from "../format/read-entry.ts";
import type { Davit } from "./davit.ts";
import { type OpenBackup, openBackup } from "./open-backup.ts";

/** What lies in a folder of a backup. */
export async function browseFolder(
  davit: Davit,
  id: string,
  path: BytePath,
  page: Page,
  signal: AbortSignal,
): Promise<FolderPage> {
  const index = placeOf(await openBackup(davit, id));
  return davit.browser.ask("folder", { index, path, page }, signal);
}

/** The entries of a backup that match a text, best first. */
export async function searchBackup(
  davit: Davit,
  id: string,
  text: string,
  page: Page,
  signal: AbortSignal,
): Promise<SearchPage> {
  const index = placeOf(await openBackup(davit, id));
  return davit.browser.ask("search", { index, text, page }, signal);
}

/** What a backup has that another one has not, or otherwise, or that it has no more. */
export async function compareBackups(
  davit: Davit,
  { id, before, kind }: { id: string; before: string; kind: ChangeKind | null },
  page: Page,
  signal: AbortSignal,
): Promise<ComparePage> {
  const [now, earlier] = await Promise.all([openBackup(davit, id), openBackup(davit, before)]);
  return davit.browser.ask("compare", { index: placeOf(now), before: placeOf(earlier), kind, page }, signal);
}

/** Finds entries of a backup at once where somebody browses it, else by reading through its index. */
export function entryFinder(davit: Davit, backup: OpenBackup, signal: AbortSignal): FindEntry {
  return async (path) => {
    const known = await davit.browser.ask("peek", { index: placeOf(backup), path }, signal);
    return known ?? (await findEntry({ ...backup, signal }, path));
  };
}

function placeOf({ id, folder, manifest }: OpenBackup): IndexPlace {
  // A manifest lists all that changed while it was made; the thread needs the index alone.
  return { id, folder, manifest: { index: manifest.index } };
}
