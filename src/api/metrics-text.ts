import { Gauge, Registry } from "prom-client";
import { judgeModule } from "../contract/judge-module.ts";
import type { Overview, OverviewModule } from "../contract/overview.ts";
import type { RunSummary } from "../contract/run-event.ts";

/** The media type of what `metricsText` gives. */
export const metricsType = Registry.PROMETHEUS_CONTENT_TYPE;

type Of<T> = (one: T) => number | null;

/** What is measured of each module; null where there is nothing to tell, which leaves the line out. */
const ofModules: readonly [name: string, help: string, value: Of<OverviewModule>][] = [
  ["backups", "Backups in the vault", ({ backups }) => backups],
  ["backups_bytes", "Size of all its archives", ({ bytes }) => bytes],
  ["last_backup_timestamp_seconds", "When the newest usable backup was sealed", ({ ladder }) => seconds(ladder.sealed)],
  ["last_backup_bytes", "Size of the newest usable archive", ({ last }) => last?.bytesOut ?? null],
  ["last_backup_content_bytes", "Size of what is in it", ({ last }) => last?.bytesIn ?? null],
  ["last_backup_entries", "Entries in it", ({ last }) => last?.entries ?? null],
  ["last_hold_seconds", "How long the module was held for it", ({ last }) => fromMs(last?.holdMs)],
  ["last_verified_timestamp_seconds", "When a backup was last verified well", ({ ladder }) => seconds(ladder.verified)],
  [
    "last_drilled_timestamp_seconds",
    "When a backup was last drilled well",
    ({ ladder }) => seconds(ladder.drilled?.at),
  ],
  ["recovery_seconds", "How long the recovery took in that drill", ({ ladder }) => fromMs(ladder.drilled?.ms)],
  ["last_copied_timestamp_seconds", "When a backup was last copied", ({ ladder }) => seconds(ladder.copied)],
  ["next_backup_timestamp_seconds", "When the next backup is due", ({ nextRun }) => seconds(nextRun)],
  ["overdue", "1 where a backup was due and is not there", ({ overdueSince }) => (overdueSince === null ? 0 : 1)],
  ["damaged_backups", "Backups whose last verification failed", ({ damaged }) => damaged.length],
  ["unanswered_backups", "Backups with anomalies that nobody has answered", ({ unanswered }) => unanswered.length],
  ["running", "1 while a run goes on", ({ running }) => (running === null ? 0 : 1)],
];

/** The overview and the runs that are remembered, in the text format of Prometheus. */
export async function metricsText(overview: Overview, runs: readonly RunSummary[]): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []): Gauge<L> =>
    new Gauge({ name: `davit_${name}`, help, labelNames, registers });
  gauge("info", "Davit itself", ["version", "host"]).set({ version: overview.version, host: overview.host }, 1);
  gauge("modules", "Modules of this host").set(overview.modules.filter(({ gone }) => !gone).length);
  const { vault, now } = overview;
  gauge("vault_bytes", "Size of all archives").set(vault.bytes);
  gauge("vault_backups", "Backups in the vault").set(vault.backups);
  if (vault.freeBytes !== null) gauge("vault_free_bytes", "What its file system has left").set(vault.freeBytes);
  for (const [name, help, valueOf] of ofModules) {
    const made = gauge(`module_${name}`, help, ["module"]);
    for (const module of overview.modules) {
      const value = valueOf(module);
      if (value !== null) made.set({ module: module.name }, value);
    }
  }
  const age = gauge("module_last_backup_age_seconds", "How old the newest usable backup is", ["module"]);
  const state = gauge("module_state", "1 for the state that it is in: safe, look, unsafe or gone", ["module", "state"]);
  const outcome = gauge("module_last_run", "1 for how its last backup run ended", ["module", "outcome"]);
  for (const module of overview.modules) {
    const sealed = seconds(module.ladder.sealed);
    if (sealed !== null) age.set({ module: module.name }, (seconds(now) ?? 0) - sealed);
    state.set({ module: module.name, state: judgeModule(module).safety }, 1);
    const ended = module.lastRun?.outcome ?? null;
    if (ended !== null) outcome.set({ module: module.name, outcome: ended }, 1);
  }
  // Old runs are forgotten, so these are no counters.
  const remembered = gauge("runs_remembered", "The newest runs, up to a thousand, by outcome", ["kind", "outcome"]);
  for (const run of runs) remembered.inc({ kind: run.kind, outcome: run.outcome ?? "running" });
  return registry.metrics();
}

function seconds(at: string | null | undefined): number | null {
  return at === null || at === undefined ? null : Date.parse(at) / 1000;
}

function fromMs(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : ms / 1000;
}
