import { openArchive } from "../archive/open-archive.ts";
import type { ArchiveResult, ArchiveSession, PassResult } from "../contract/archive-session.ts";
import type { DumpRecord } from "../contract/manifest.ts";
import type { RunReporter } from "../contract/run-event.ts";
import { withCleanup } from "../failure/failure.ts";
import type { BackupPlan } from "../plan/plan-backup.ts";
import { lastCounts, withTotals } from "./last-counts.ts";
import { takeDumps } from "./take-dumps.ts";
import { type HoldContext, type HoldRecord, whileHeld } from "./while-held.ts";

/** The archive of a module, and how it came about. */
export interface ArchivedModule {
  archive: ArchiveResult;
  /** What each pass read; where the module was held, the last one was the catch-up. */
  passes: PassResult[];
  dumps: DumpRecord[];
  hold: HoldRecord;
}

/** What the reading of what changed may take under hold, so that another live pass is not worth its while. */
const holdBudgetMs = 1000;
/** A pass that takes more than this share of the one before gains too little: the service writes as fast as it is read. */
const shrinking = 0.7;
const mostLivePasses = 3;

/**
 * Writes the archive of a module into a folder: takes the dumps of its databases, reads it while its services run, holds it,
 * catches up with what has changed, lets it go, and only then puts the archive together.
 */
export async function archiveModule(context: HoldContext, plan: BackupPlan, folder: string): Promise<ArchivedModule> {
  const { davit, module, reporter, signal } = context;
  const { vault, state, scratch } = davit.config;
  const expected = await lastCounts(davit.vault, module.name);
  const session = await openArchive({
    module: module.name,
    sources: plan.sources.map((source) => source.path),
    exclude: plan.exclude,
    skip: [vault, state, scratch],
    compression: module.settings.compression,
    folder,
    repeats: module.settings.hold !== "live",
    signal,
    onProgress: (now) => reporter.progress(withTotals(now, expected)),
  });
  return withCleanup(
    async () => {
      const dumps = await takeDumps(context, session);
      const live = await readLive(session, reporter);
      const { result: caughtUp, hold } = await whileHeld(context, async () => {
        reporter.stage("catch-up");
        return session.pass(module.settings.hold === "snapshot" ? "snapshot" : "catch-up");
      });
      if (caughtUp !== null && caughtUp.notCloned > 0) tellNotCloned(reporter);
      reporter.stage("compact");
      const archive = await session.finish();
      return { archive, dumps, passes: [...live, ...(caughtUp === null ? [] : [caughtUp])].map(withoutClones), hold };
    },
    () => session.close(),
  );
}

function withoutClones({ entries, bytes, ms }: PassResult): PassResult {
  return { entries, bytes, ms };
}

function tellNotCloned(reporter: RunReporter): void {
  reporter.warning(
    "davit.hold=snapshot had no effect on some files, which were read under hold: their file system can't clone them",
    "it works on btrfs and xfs, where Davit may write to the source; davit.hold=pause is the same without it",
  );
}

/** Everything, then what has changed meanwhile, as long as that gets less and is still more than a hold should take. */
async function readLive(session: ArchiveSession, reporter: RunReporter): Promise<PassResult[]> {
  reporter.stage("archive");
  let last = await session.pass("live");
  const passes = [last];
  while (passes.length < mostLivePasses && last.ms > holdBudgetMs) {
    const next = await session.pass("live");
    passes.push(next);
    if (next.ms > last.ms * shrinking) break;
    last = next;
  }
  return passes;
}
