import { z } from "zod";
import { backupTime, moduleName } from "./backup-id.ts";
import { anomaly, dumpRecord, evidence, indexEntry } from "./manifest.ts";
import { module } from "./module.ts";
import { failureReport, runEvent, runSummary } from "./run-event.ts";

/** Every answer that isn't a success. */
export const apiError = z.strictObject({ error: failureReport });

/** A backup as lists show it: short, since a list may be long. */
export const backupRow = z.strictObject({
  id: z.string(),
  module: z.string(),
  time: z.string(),
  /** Why the backup can't be used; null for a sound one. The fields below that come from its manifest are null then. */
  problem: z.string().nullable(),
  sealed: z.iso.datetime().nullable(),
  entries: z.int().nullable(),
  bytesIn: z.int().nullable(),
  bytesOut: z.int().nullable(),
  holdMs: z.int().nullable(),
  /** From its start until it was sealed. */
  ms: z.int().nullable(),
  consistent: z.boolean().nullable(),
  warnings: z.int().nullable(),
  changed: z.int().nullable(),
  /** What seems a loss of data, and nobody has answered: older backups are kept until then. */
  unanswered: z.array(anomaly),
  evidence: z.array(evidence),
});
export type BackupRow = z.infer<typeof backupRow>;

/** A module with what a person asks first: when was it last backed up, when will it be next. */
export const moduleView = module.extend({
  lastBackup: backupRow.nullable(),
  nextRun: z.iso.datetime().nullable(),
});
export type ModuleView = z.infer<typeof moduleView>;

/** What a restore would do. */
export const restorePreview = z.strictObject({
  /** The folder that stands for `/`; null for a restore in place. */
  target: z.string().nullable(),
  entries: z.int(),
  bytes: z.int(),
  /** Entries that are there now and would be replaced. */
  replaced: z.int(),
  /** Entries that are not there now. */
  created: z.int(),
  /** Containers that stop meanwhile. */
  stops: z.array(z.string()),
  /** Host paths whose data would be renamed aside and kept. */
  keptAside: z.array(z.string()),
});
export type RestorePreview = z.infer<typeof restorePreview>;

/** What a recovery of a whole module would make, and what keeps it from being done. */
export const recreatePreview = z.strictObject({
  backup: z.string(),
  /** `pull` is what would be fetched; null where the image is there. */
  images: z.array(z.strictObject({ container: z.string(), image: z.string(), pull: z.string().nullable() })),
  /** One that is there already serves. */
  networks: z.array(z.strictObject({ name: z.string(), isThere: z.boolean() })),
  volumes: z.array(z.string()),
  /** Host paths at which data would come in. */
  paths: z.array(z.string()),
  /** In the order in which they would be made and started; those that did not run at the backup are not started. */
  containers: z.array(z.strictObject({ name: z.string(), starts: z.boolean() })),
  bytes: z.int(),
  /** What exists already; nothing is made while there is anything. */
  inTheWay: z.array(z.string()),
  /** What neither the backup nor this host has. */
  missing: z.array(z.strictObject({ message: z.string(), hint: z.string() })),
  warnings: z.array(z.string()),
});
export type RecreatePreview = z.infer<typeof recreatePreview>;

/** What a load of dumps would do. What the databases hold is replaced by it, and there is no undo. */
export const dumpPreview = z.strictObject({
  dumps: z.array(dumpRecord),
  /** Containers that stop meanwhile. */
  stops: z.array(z.string()),
});
export type DumpPreview = z.infer<typeof dumpPreview>;

export const pruneDecision = z.strictObject({ id: z.string(), keep: z.boolean(), reason: z.string() });
export type PruneDecision = z.infer<typeof pruneDecision>;

/** One thing that `davit doctor` looked at. */
export const doctorCheck = z.strictObject({
  name: z.string(),
  status: z.enum(["ok", "warning", "error"]),
  message: z.string(),
  hint: z.string().optional(),
});
export type DoctorCheck = z.infer<typeof doctorCheck>;

/** Whether Davit can do its work now, and if not, why. */
export const readiness = z.strictObject({ ready: z.boolean(), reasons: z.array(z.string()) });
export type Readiness = z.infer<typeof readiness>;

export const sessionView = z.strictObject({
  /** To be sent as `X-Davit-CSRF` with everything that changes state; null for an API token, which needs none. */
  csrf: z.string().nullable(),
  expires: z.iso.datetime().nullable(),
});

export const tokenView = z.strictObject({ id: z.string(), name: z.string(), created: z.iso.datetime() });
export type TokenView = z.infer<typeof tokenView>;

export const newToken = tokenView.extend({
  /** Shown this once. */
  token: z.string(),
});

export const moduleList = z.strictObject({ modules: z.array(moduleView) });
export const backupList = z.strictObject({ backups: z.array(backupRow) });
export const runList = z.strictObject({ runs: z.array(runSummary) });
export const tokenList = z.strictObject({ tokens: z.array(tokenView) });
export const doctorReport = z.strictObject({ checks: z.array(doctorCheck) });
export const answerReport = z.strictObject({
  answered: z.array(z.strictObject({ id: z.string(), anomalies: z.array(anomaly) })),
});
export const pruneReport = z.strictObject({ dryRun: z.boolean(), decisions: z.array(pruneDecision) });
export const startedRun = z.strictObject({ run: z.string() });
export const fileList = z.strictObject({
  entries: z.array(indexEntry),
  /** Whether there are more: ask again with `skip` raised by the number of entries. */
  more: z.boolean(),
});
export const eventList = z.strictObject({
  events: z.array(runEvent),
  /** True once nothing more will come. */
  ended: z.boolean(),
});
export type EventList = z.infer<typeof eventList>;

/** A whole number in a query string. */
export const count = (fallback: number, max: number): z.ZodType<number, string | undefined> =>
  z
    .string()
    .regex(/^\d{1,15}$/u, "a whole number is expected")
    .default(String(fallback))
    .transform(Number)
    .refine((value) => value <= max, `at most ${max}`);

/** A path inside a backup, with or without its leading slash. */
export const pathInBackup = z.string().max(16_384);
export const pathBytes = z.base64().max(16_384);

export const moduleParams = z.strictObject({ module: moduleName });
/** `latest` stands for the newest backup of the module. */
export const backupParams = z.strictObject({ module: moduleName, time: z.union([backupTime, z.literal("latest")]) });
export const runParams = z.strictObject({
  run: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/u, "that is no run's id"),
});
export const tokenParams = z.strictObject({ token: z.string().regex(/^[0-9a-f]{16}$/u, "that is no token's id") });

export const backupQuery = z.strictObject({ module: moduleName.optional() });
export const filesQuery = z.strictObject({
  prefix: pathInBackup.default(""),
  /** The prefix as base64 of its bytes, for one that is not UTF-8; goes before `prefix`. */
  prefix64: pathBytes.optional(),
  skip: count(0, Number.MAX_SAFE_INTEGER),
  limit: count(1000, 10_000),
});
export const fileQuery = z.strictObject({
  path: pathInBackup.optional(),
  /** The path as base64 of its bytes, for a name that is not UTF-8; goes before `path`. */
  path64: pathBytes.optional(),
});
export const runQuery = z.strictObject({ module: moduleName.optional(), limit: count(50, 1000) });
export const eventQuery = z.strictObject({
  /** Only events with a higher `seq`. */
  after: count(0, Number.MAX_SAFE_INTEGER),
  /** Seconds to wait for an event where there is none yet. */
  wait: count(0, 60),
});

const password = z.string().min(1).max(1024);
/** `portainerToken` is an access token of a Portainer administrator, where that is allowed. */
export const signInBody = z.union([
  z.strictObject({ password }),
  z.strictObject({ portainerToken: z.string().regex(/^[\x21-\x7e]{1,512}$/u, "that is no access token") }),
]);
export const passwordBody = z.strictObject({
  current: password,
  next: z.string().min(10, "the new password has to have 10 characters at least").max(1024),
});
export const tokenBody = z.strictObject({ name: z.string().trim().min(1).max(100) });
export const pruneBody = z.strictObject({ dryRun: z.boolean().default(false) });
export const answerBody = z.strictObject({
  /** Only the anomalies of this backup. */
  time: backupTime.optional(),
  /** Why all is well. */
  note: z.string().trim().min(1).max(1000).optional(),
});
export const dumpBody = z.strictObject({
  /** Only the dump of this container; all of the backup's when not given. */
  container: z.string().min(1).max(255).optional(),
});
export const restoreBody = z
  .strictObject({
    /** The folder that stands for `/`. */
    target: z.string().min(1).max(4096).optional(),
    /** Back to where the data came from; containers stop meanwhile and the old data is kept aside. */
    inPlace: z.literal(true).optional(),
    /** Only these files and folders; everything where both lists are empty. */
    paths: z.array(pathInBackup).max(10_000).default([]),
    /** The same as base64 of the bytes, for names that are not UTF-8. */
    paths64: z.array(pathBytes).max(10_000).default([]),
  })
  .refine(({ target, inPlace }) => (target === undefined) === (inPlace === true), "give either target or inPlace");
