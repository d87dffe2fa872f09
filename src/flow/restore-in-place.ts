import { normalize } from "node:path";
import type { Module, Source } from "../contract/module.ts";
import type { RunReporter } from "../contract/run-event.ts";
import { discoverModules } from "../discover/discover-modules.ts";
import { Failure, withCleanup } from "../failure/failure.ts";
import type { BytePath } from "../format/byte-path.ts";
import { extractBackup, type ExtractResult } from "../restore/extract-backup.ts";
import { healRestore } from "../restore/heal-restore.ts";
import { openStaging } from "../restore/open-staging.ts";
import { isSource, pathOf, type Place, placesOf } from "../restore/places.ts";
import { asidePath, planSwaps } from "../restore/plan-swaps.ts";
import type { JournalEntry } from "../restore/restore-journal.ts";
import { selectBytes } from "../restore/select-entries.ts";
import { makeParents } from "../restore/swaps.ts";
import type { Davit } from "./davit.ts";
import { exchange } from "./exchange.ts";
import type { OpenBackup } from "./open-backup.ts";
import { requireSpace } from "./require-space.ts";

export interface RestoreContext {
  davit: Davit;
  backup: OpenBackup;
  reporter: RunReporter;
  signal: AbortSignal;
}

export interface InPlacePlan {
  /** The module as it is on the host now; null where it is not there. */
  module: Module | null;
  places: Place[];
  /** Whether a whole source is exchanged, so that its containers have to stop. */
  stops: boolean;
}

/**
 * Puts the data of a backup back where it came from: make it ready beside what is there, stop, exchange, start, wait for
 * health. The old data is kept aside. When it throws, the old data is in its place, and what ran runs.
 */
export async function restoreInPlace(
  context: RestoreContext,
  paths: readonly BytePath[],
): Promise<ExtractResult & { keptAside: string[]; unwell: string[] }> {
  const { davit, backup, reporter, signal } = context;
  reporter.stage("plan");
  const { module, places, stops } = await planInPlace(davit, backup, paths);
  if (module === null)
    reporter.warning(`there is no module ${backup.module} on this host now: no container is stopped or started`);
  const needed = await selectBytes(backup, paths);
  for (const root of new Set(places.map((place) => place.root))) await requireSpace(root, needed, reporter);
  for (const folder of await makeParents(places))
    reporter.warning(`${folder} was not there; it was made with the owner and mode of a new folder`);
  const swaps = planSwaps(places, davit.now());
  const entry: JournalEntry = {
    format: 1,
    module: backup.module,
    backup: backup.id,
    at: davit.now().toISOString(),
    phase: "extract",
    stops,
    swaps,
  };
  await davit.restores.write(entry);
  return withCleanup(
    async () => {
      reporter.stage("extract");
      const staging = openStaging(swaps);
      const result = await extractBackup({
        folder: backup.folder,
        manifest: backup.manifest,
        target: staging.roots,
        // Dumps lie in no source: they are loaded, or restored to a folder.
        ...((paths.length > 0 || backup.manifest.dumps !== undefined) && { select: places.map(pathOf) }),
        signal,
        onProgress: (now) => reporter.progress(now),
      }).finally(() => staging.close());
      const unwell = await exchange({ davit, entry, module, reporter, signal });
      const keptAside = swaps.filter((swap) => swap.replaces).map(asidePath);
      return { ...result, keptAside, unwell };
    },
    async () => {
      await healRestore(davit.restores, backup.module);
    },
  );
}

/** What a restore in place would exchange. Throws `unsafe` where the backup names a place that is not the module's. */
export async function planInPlace(davit: Davit, backup: OpenBackup, paths: readonly BytePath[]): Promise<InPlacePlan> {
  const modules = await discoverModules(davit.docker, davit.config);
  const module = modules.find((one) => one.name === backup.module) ?? null;
  const { sources } = backup.manifest;
  for (const source of sources) refuseForeign(source, davit.config.roots, module);
  const places = placesOf(sources, paths);
  return { module, places, stops: places.some((place) => isSource(place, sources)) };
}

/** A manifest is data from a disk: what it names is only exchanged where the module may have its data. */
function refuseForeign({ path }: Source, roots: readonly string[], module: Module | null): void {
  const isPlain = path.startsWith("/") && normalize(path) === path && path !== "/";
  if (isPlain && roots.some((root) => path === root || path.startsWith(root === "/" ? "/" : `${root}/`))) return;
  if (isPlain && module?.sources.some((source) => source.path === path) === true) return;
  throw new Failure("unsafe", `${path} lies below no root, and is no volume of the module as it is now`, {
    hint: "create the module's containers first, or add the folder to DAVIT_ROOTS, or restore with --to a folder",
  });
}
