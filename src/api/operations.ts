import type { Readable } from "node:stream";
import type {
  BackupRow,
  DoctorCheck,
  DumpPreview,
  PruneDecision,
  Readiness,
  RecreatePreview,
  RestorePreview,
} from "../contract/api.ts";
import type { ChangeKind, ComparePage, FolderPage, Page, Preview, SearchPage } from "../contract/browse.ts";
import type { Delivery, NotificationView } from "../contract/notification.ts";
import type { Overview } from "../contract/overview.ts";
import type { Anomaly, BackupSummary, IndexEntry } from "../contract/manifest.ts";
import type { Module } from "../contract/module.ts";
import type { AgentOperations } from "./agent-operations.ts";
import type { RunEvent, RunSummary } from "../contract/run-event.ts";
import type { BytePath } from "../format/byte-path.ts";

export interface RestoreOptions {
  /** The folder that stands for `/`, absolute; null to restore in place. */
  target: string | null;
  /** Only these entries and what is below them, without leading slash; everything when empty. */
  paths: BytePath[];
}

/** What the API can ask of what is in a backup. Ids and failures are as in `Operations`. */
export interface BrowseOperations {
  browseFolder(id: string, path: BytePath, page: Page, signal: AbortSignal): Promise<FolderPage>;
  search(id: string, text: string, page: Page, signal: AbortSignal): Promise<SearchPage>;
  compare(
    backups: { id: string; before: string; kind: ChangeKind | null },
    page: Page,
    signal: AbortSignal,
  ): Promise<ComparePage>;
  preview(id: string, path: BytePath, signal: AbortSignal): Promise<Preview>;
  /** The folder as a tar archive, not compressed; an error of it is a Failure. */
  downloadFolder(
    id: string,
    path: BytePath,
    signal: AbortSignal,
  ): Promise<{ name: string; tar: AsyncIterable<Buffer> }>;
}

/** What the API can ask of how people are told. */
export interface NotificationOperations {
  notifications(): NotificationView;
  /** Sends a test message over each channel; what a channel did not take is no failure of the request. */
  testNotifications(signal: AbortSignal): Promise<Delivery[]>;
}

/**
 * All that the API can ask of Davit. Ids are `module/time` or `module@latest`; what is not there is a `missing` Failure.
 * What starts a run resolves with its id as soon as the run has its log and its module's lock (or is a `busy` Failure), and
 * goes on by itself.
 */
export interface Operations extends BrowseOperations, NotificationOperations {
  overview(): Promise<Overview>;
  modules(): Promise<Module[]>;
  /** When the schedule next backs the module up; null where it never will. */
  nextRun(module: string): Date | null;
  /** Newest first, of one module or of all. A module without backups gives an empty list. */
  backups(module?: string): Promise<readonly BackupRow[]>;
  backup(id: string): Promise<BackupSummary>;
  /** Entries whose path is `prefix` or is below it, in the index's order; all for an empty prefix. */
  files(id: string, prefix: BytePath, signal: AbortSignal): AsyncIterable<IndexEntry>;
  /** A file's content, hard links followed; a `usage` Failure for what has no content. An error of `content` is a Failure. */
  readFile(id: string, path: BytePath, signal: AbortSignal): Promise<{ entry: IndexEntry; content: Readable }>;
  startBackup(module: string): Promise<string>;
  previewRestore(id: string, options: RestoreOptions, signal: AbortSignal): Promise<RestorePreview>;
  startRestore(id: string, options: RestoreOptions): Promise<string>;
  /** `container` names the one whose dump is loaded; all of the backup's dumps where it is null. */
  previewDumpLoad(id: string, container: string | null): Promise<DumpPreview>;
  startDumpLoad(id: string, container: string | null): Promise<string>;
  startUndo(module: string): Promise<string>;
  startRecreate(id: string): Promise<string>;
  previewRecreate(id: string): Promise<RecreatePreview>;
  startVerify(id: string): Promise<string>;
  startDrill(id: string): Promise<string>;
  /** Copies a backup to the agent; a `config` Failure where none is paired. */
  startCopy(id: string): Promise<string>;
  prune(module: string, dryRun: boolean, signal: AbortSignal): Promise<PruneDecision[]>;
  /** Answers the anomalies of a module, or of one of its backups; gives what was answered. */
  acknowledge(id: string, note?: string): Promise<{ id: string; anomalies: Anomaly[] }[]>;
  /** Newest first. */
  runs(filter: { module?: string; limit: number }): Promise<RunSummary[]>;
  /** The events above `after`; the first event of a run has `seq` 1. */
  runEvents(run: string, after: number): Promise<RunEvent[]>;
  /** The events above `after` as they happen; ends with the run, or quietly with the signal. */
  followRun(run: string, after: number, signal: AbortSignal): AsyncIterable<RunEvent>;
  /** Resolves once the run was told; a run that ended already is left as it is. */
  cancelRun(run: string): Promise<void>;
  /** The effective configuration, without secrets. */
  printableConfig(): Record<string, unknown>;
  /** The agent on the physical host; null where none is paired. */
  readonly agent: AgentOperations | null;
  doctor(signal: AbortSignal): Promise<DoctorCheck[]>;
  ready(): Promise<Readiness>;
}
