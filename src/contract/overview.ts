import { z } from "zod";
import { backupRow } from "./api.ts";
import { anomaly } from "./manifest.ts";
import { warning } from "./module.ts";
import { runSummary } from "./run-event.ts";
import { holdMode } from "./settings.ts";

const instant = z.iso.datetime();

/** How far a module's backups have climbed: of each rung the newest instant at which one reached it. */
const ladder = z.strictObject({
  sealed: instant.nullable(),
  verified: instant.nullable(),
  /** With the measured recovery time. */
  drilled: z.strictObject({ at: instant, ms: z.int() }).nullable(),
  copied: instant.nullable(),
});
export type Ladder = z.infer<typeof ladder>;

/** A module as the overview shows it. */
const overviewModule = z.strictObject({
  name: z.string(),
  /** The vault has backups of it, but no container on this host asks for it any more. */
  gone: z.boolean(),
  containers: z.array(z.strictObject({ id: z.string(), name: z.string(), running: z.boolean() })),
  /** Null for one that is gone. */
  hold: holdMode.nullable(),
  schedule: z.string().nullable(),
  nextRun: instant.nullable(),
  /** When a backup was due that has not been made; null where none is late. */
  overdueSince: instant.nullable(),
  warnings: z.array(warning),
  backups: z.int(),
  bytes: z.int(),
  /** The newest one that can be used. */
  last: backupRow.nullable(),
  /** Why the newest one of all can't be used; null where it can. */
  newestProblem: z.string().nullable(),
  /** Ids of backups whose last verification failed, newest first. */
  damaged: z.array(z.string()),
  unanswered: z.array(z.strictObject({ id: z.string(), anomalies: z.array(anomaly) })),
  ladder,
  /** Bytes of the last thirty backups, oldest first. */
  trend: z.array(z.int()),
  /** The last backup run that ended, and what goes on now. */
  lastRun: runSummary.nullable(),
  running: runSummary.nullable(),
});
export type OverviewModule = z.infer<typeof overviewModule>;

/** A container that nobody has opted in, and what would do that. */
const unlistedContainer = z.strictObject({
  name: z.string(),
  image: z.string(),
  /** Its compose project and service, where it has them. */
  project: z.string().nullable(),
  service: z.string().nullable(),
  /** Host paths and volumes that would be backed up. */
  sources: z.array(z.string()),
  /** Lines for its compose file. */
  yaml: z.string(),
});
export type UnlistedContainer = z.infer<typeof unlistedContainer>;

export const overview = z.strictObject({
  host: z.string(),
  version: z.string(),
  now: instant,
  modules: z.array(overviewModule),
  unlisted: z.array(unlistedContainer),
  /** Where Portainer shows this engine: the address before `#!`, and the environment's number; null where it is not known. */
  portainer: z.strictObject({ url: z.string(), environment: z.int() }).nullable(),
  vault: z.strictObject({
    path: z.string(),
    /** The engine's volume that it lies in; null where it lies in none, or that is not known yet. */
    volume: z.string().nullable(),
    freeBytes: z.int().nullable(),
    bytes: z.int(),
    backups: z.int(),
  }),
});
export type Overview = z.infer<typeof overview>;
