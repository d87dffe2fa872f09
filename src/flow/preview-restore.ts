import { lstat } from "node:fs/promises";
import type { RestorePreview } from "../contract/api.ts";
import { errorCode } from "../failure/failure.ts";
import { type BytePath, fsPath, fromText, toDisplay } from "../format/byte-path.ts";
import { entryPath, readIndex } from "../format/read-index.ts";
import { pathOf } from "../restore/places.ts";
import { selectAll, selectEntries } from "../restore/select-entries.ts";
import type { Davit } from "./davit.ts";
import { openBackup } from "./open-backup.ts";
import { planInPlace } from "./restore-in-place.ts";
import type { RestoreWish } from "./restore.ts";
import { previewInTwin } from "./twin-verbs.ts";

/** What `restoreBackup` would do with the same wish; nothing is changed. */
export async function previewRestore(
  davit: Davit,
  name: string,
  { target, paths }: RestoreWish,
  signal: AbortSignal,
): Promise<RestorePreview> {
  const backup = await openBackup(davit, name);
  const elsewhere = target === null ? await previewInTwin(davit, backup, paths, signal) : null;
  if (elsewhere !== null) return elsewhere;
  const inPlace = target === null ? await planInPlace(davit, backup, paths) : null;
  const wanted =
    inPlace !== null && (paths.length > 0 || backup.manifest.dumps !== undefined) ? inPlace.places.map(pathOf) : paths;
  const source = { ...backup, signal };
  const selection = wanted.length === 0 ? selectAll(backup.manifest) : await selectEntries(source, wanted);
  const preview: RestorePreview = {
    target,
    entries: selection.entries,
    bytes: selection.bytes,
    replaced: 0,
    created: 0,
    stops: [],
    keptAside: [],
  };
  const base = fromText((target ?? "").replace(/\/+$/u, ""));
  for await (const { entry } of readIndex(source, selection.mayWant)) {
    const path = entryPath(entry);
    if (!selection.wants(path)) continue;
    if (await isThere(`${base}/${path}`)) preview.replaced += 1;
    else preview.created += 1;
  }
  if (inPlace === null) return preview;
  const { module, places, stops } = inPlace;
  for (const place of places) {
    const path: BytePath = `/${pathOf(place)}`;
    if (await isThere(path)) preview.keptAside.push(toDisplay(path));
  }
  if (stops) preview.stops = (module?.containers ?? []).filter((one) => one.running).map((one) => one.name);
  return preview;
}

async function isThere(path: BytePath): Promise<boolean> {
  try {
    await lstat(fsPath(path));
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT" || errorCode(thrown) === "ENOTDIR") return false;
    throw thrown;
  }
}
