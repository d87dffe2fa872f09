import type { BackupRow } from "../contract/api.ts";
import { parseBackupTime } from "../contract/backup-id.ts";
import type { Evidence } from "../contract/manifest.ts";
import { isUsable, type Module } from "../contract/module.ts";
import type { Ladder, OverviewModule } from "../contract/overview.ts";
import type { RunSummary } from "../contract/run-event.ts";
import type { RowsByModule } from "../vault/remember-rows.ts";

/** What the overview is made of. */
export interface HostPicture {
  modules: readonly Module[];
  rows: RowsByModule;
  /** Newest first. */
  runs: readonly RunSummary[];
  /** When a module is backed up next, and when it should have been last. */
  nextRun(module: Module): Date | null;
  lastDue(module: Module): Date | null;
  now: Date;
}

/** Backups in a module's curves. */
const trendLength = 30;
/** A backup that is so much later than it was due is overdue: it may wait for others, and takes its time. */
const graceMs = 2 * 3_600_000;

/** Every module of the host and of the vault, by name, with what a person has to know of it. */
export function overviewModules(picture: HostPicture): OverviewModule[] {
  const runs = Map.groupBy(picture.runs, (run) => run.module);
  const here = new Map(picture.modules.map((module) => [module.name, module]));
  const names = new Set([...here.keys(), ...picture.rows.keys()]);
  return [...names].toSorted().map((name) => {
    const module = here.get(name) ?? null;
    const own = backupsToldBy(picture.rows.get(name) ?? []);
    const ownRuns = runs.get(name) ?? [];
    const usable = module !== null && isUsable(module);
    return {
      name,
      gone: module === null,
      containers: (module?.containers ?? []).map(({ id, name: container, running }) => ({
        id,
        name: container,
        running,
      })),
      hold: module?.settings.hold ?? null,
      schedule: module?.settings.schedule ?? null,
      nextRun: usable ? (picture.nextRun(module)?.toISOString() ?? null) : null,
      overdueSince: usable ? overdueSince(own.last, picture.lastDue(module), picture.now) : null,
      warnings: module?.warnings ?? [],
      ...own,
      lastRun: ownRuns.find((run) => run.kind === "backup" && run.outcome !== null) ?? null,
      running: ownRuns.find((run) => run.outcome === null) ?? null,
    };
  });
}

type BackupsTold = Pick<
  OverviewModule,
  "backups" | "bytes" | "last" | "newestProblem" | "damaged" | "unanswered" | "ladder" | "trend"
>;

/** Of rows that are the same array as before, what was told of them before. */
const told = new WeakMap<readonly BackupRow[], BackupsTold>();

function backupsToldBy(rows: readonly BackupRow[]): BackupsTold {
  const before = told.get(rows);
  if (before !== undefined) return before;
  const now = {
    backups: rows.length,
    bytes: rows.reduce((sum, row) => sum + (row.bytesOut ?? 0), 0),
    last: rows.find((row) => row.problem === null) ?? null,
    newestProblem: rows[0]?.problem ?? null,
    damaged: rows.filter((row) => newest(row.evidence, "verified")?.ok === false).map((row) => row.id),
    unanswered: rows
      .filter((row) => row.unanswered.length > 0)
      .map(({ id, unanswered }) => ({ id, anomalies: unanswered })),
    ladder: ladderOf(rows),
    trend: trendOf(rows),
  };
  told.set(rows, now);
  return now;
}

/** A module that was never backed up is not late: that is told in other words. */
function overdueSince(last: BackupRow | null, due: Date | null, now: Date): string | null {
  if (last === null || due === null || now.getTime() - due.getTime() < graceMs) return null;
  return parseBackupTime(last.time) < due ? due.toISOString() : null;
}

function ladderOf(rows: readonly BackupRow[]): Ladder {
  const passed = (kind: Evidence["kind"]): Evidence | null =>
    rows
      .flatMap((row) => row.evidence.filter((one) => one.kind === kind && one.ok))
      .reduce<Evidence | null>((newer, one) => (newer === null || one.at > newer.at ? one : newer), null);
  const drilled = passed("drilled");
  return {
    sealed: rows.find((row) => row.problem === null)?.sealed ?? null,
    verified: passed("verified")?.at ?? null,
    drilled: drilled === null ? null : { at: drilled.at, ms: drilled.ms },
    copied: passed("copied")?.at ?? null,
  };
}

function trendOf(rows: readonly BackupRow[]): OverviewModule["trend"] {
  return rows
    .flatMap(({ bytesOut }) => (bytesOut === null ? [] : [bytesOut]))
    .slice(0, trendLength)
    .toReversed();
}

function newest(evidence: readonly Evidence[], kind: Evidence["kind"]): Evidence | undefined {
  return evidence.findLast((one) => one.kind === kind);
}
