import { z } from "zod";
import { failureKinds } from "./failure-kind.ts";

export const runKind = z.enum(["backup", "restore", "undo", "recreate", "verify", "drill", "prune", "copy"]);
export type RunKind = z.infer<typeof runKind>;

const runTrigger = z.enum(["schedule", "catch-up", "cli", "api"]);
export type RunTrigger = z.infer<typeof runTrigger>;

const happened = { seq: z.int(), at: z.iso.datetime() };

/** How far a stage has come. Totals are null while unknown. */
export const progress = z.strictObject({
  entries: z.int(),
  bytes: z.int(),
  totalEntries: z.int().nullable(),
  totalBytes: z.int().nullable(),
});
export type Progress = z.infer<typeof progress>;

export const failureReport = z.strictObject({
  kind: z.enum(failureKinds),
  message: z.string(),
  hint: z.string().optional(),
});
export type FailureReport = z.infer<typeof failureReport>;

const runOutcome = z.enum(["ok", "failed", "cancelled", "interrupted"]);
export type RunOutcome = z.infer<typeof runOutcome>;

/** One line of a run's file. */
export const runEvent = z.discriminatedUnion("type", [
  z.strictObject({
    ...happened,
    type: z.literal("started"),
    run: z.string(),
    kind: runKind,
    module: z.string(),
    backup: z.string().nullable(),
    trigger: runTrigger,
  }),
  z.strictObject({ ...happened, type: z.literal("stage"), stage: z.string() }),
  z.strictObject({ ...happened, type: z.literal("progress"), progress }),
  z.strictObject({ ...happened, type: z.literal("warning"), message: z.string(), hint: z.string().optional() }),
  z.strictObject({
    ...happened,
    type: z.literal("output"),
    /** What printed it, for people: `davit.exec.hold of nextcloud`. */
    source: z.string(),
    line: z.string(),
  }),
  z.strictObject({
    ...happened,
    type: z.literal("ended"),
    outcome: runOutcome,
    /** The backup that the run made or worked on. */
    backup: z.string().nullable(),
    failure: failureReport.nullable(),
  }),
]);
export type RunEvent = z.infer<typeof runEvent>;

/** A run as lists show it, drawn from its events. */
export const runSummary = z.strictObject({
  run: z.string(),
  kind: runKind,
  module: z.string(),
  trigger: runTrigger,
  started: z.iso.datetime(),
  ended: z.iso.datetime().nullable(),
  /** Null while the run goes on. */
  outcome: runOutcome.nullable(),
  backup: z.string().nullable(),
  stage: z.string().nullable(),
  progress: progress.nullable(),
  failure: failureReport.nullable(),
  warnings: z.int(),
});
export type RunSummary = z.infer<typeof runSummary>;

/** What a flow tells of itself while it goes: the run log is one listener, a terminal's progress line another. */
export interface RunReporter {
  stage(name: string): void;
  progress(now: Progress): void;
  warning(message: string, hint?: string): void;
  /** A line that a command in a container printed. */
  output(source: string, line: string): void;
}
