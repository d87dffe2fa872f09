import { z } from "zod";
import { source, warning } from "./module.ts";
import { compression, dumpKind, holdMode } from "./settings.ts";

/** The format that this version of Davit writes; readers refuse a newer one. docs/format.md describes it. */
export const formatVersion = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/u);
const instant = z.iso.datetime();

const counts = z.strictObject({
  files: z.int(),
  directories: z.int(),
  symlinks: z.int(),
  hardLinks: z.int(),
  fifos: z.int(),
  /** Bytes of file content, before compression. */
  bytesIn: z.int(),
  /** Size of the archive file. */
  bytesOut: z.int(),
});
export type Counts = z.infer<typeof counts>;

const exclusion = z.strictObject({ pattern: z.string(), entries: z.int(), bytes: z.int() });

/** Something about a backup that looks like a loss of data when it is compared with an earlier one. */
export const anomaly = z.strictObject({
  kind: z.enum(["fewer-entries", "fewer-bytes", "mostly-changed", "incompressible", "empty-source"]),
  message: z.string(),
});
export type Anomaly = z.infer<typeof anomaly>;

/** A dump in the archive. */
export const dumpRecord = z.strictObject({
  /** The container's name. */
  container: z.string(),
  kind: dumpKind,
  /** The database's file in the container, for sqlite; null for all others. */
  database: z.string().nullable(),
  /** Path of the archive. */
  path: z.string(),
  bytes: z.int(),
});
export type DumpRecord = z.infer<typeof dumpRecord>;

/** `manifest.json` of a sealed backup. */
export const manifest = z.strictObject({
  format: z.literal(formatVersion),
  module: z.string(),
  time: z.string(),
  davit: z.string(),
  host: z.strictObject({ id: z.string(), name: z.string() }),
  started: instant,
  held: instant.nullable(),
  released: instant.nullable(),
  sealed: instant,
  hold: z.strictObject({
    mode: holdMode,
    ms: z.int().nullable(),
    consistent: z.boolean(),
    /** What each pass read; where the module was held, the last one was the catch-up. */
    passes: z.array(z.strictObject({ entries: z.int(), bytes: z.int(), ms: z.int() })).optional(),
  }),
  sources: z.array(source),
  containers: z.array(z.strictObject({ name: z.string(), image: z.string(), imageDigest: z.string() })),
  /** The databases' dumps in the archive. */
  dumps: z.array(dumpRecord).optional(),
  archive: z.strictObject({ file: z.string(), compression, sha256, bytes: z.int() }),
  index: z.strictObject({ file: z.string(), sha256, entries: z.int() }),
  counts,
  excluded: z.array(exclusion),
  /** Paths that changed, vanished or could not be read while the archive was written; at most 1000 are listed. */
  changed: z.array(
    z.strictObject({ path: z.string(), what: z.enum(["grew", "shrank", "changed", "vanished", "unreadable"]) }),
  ),
  changedTotal: z.int(),
  warnings: z.array(warning),
  /** Older backups are kept until someone has answered these; missing in backups that were not looked at. */
  anomalies: z.array(anomaly).optional(),
});
export type Manifest = z.infer<typeof manifest>;

/**
 * One line of `index.ndjson.gz`. `path` is the host path without the leading slash; a name whose bytes are not UTF-8 has
 * `path64` (base64 of the bytes) as well, and U+FFFD in `path`. The same holds for `link` and `link64`.
 */
export const indexEntry = z.strictObject({
  path: z.string(),
  path64: z.string().optional(),
  type: z.enum(["file", "directory", "symlink", "hardlink", "fifo"]),
  size: z.int().min(0),
  mode: z.int().min(0),
  uid: z.int().min(0),
  gid: z.int().min(0),
  /** Seconds since 1970 with nine decimals. */
  mtime: z.string(),
  link: z.string().optional(),
  link64: z.string().optional(),
  /** SHA-256 of a file's content (with its holes read as zeros). */
  sha256: z.string().optional(),
  /** Offset of the compressed member, in the archive file, in which the entry starts. */
  member: z.int().min(0),
  /** Offset of the entry's first header within the plain bytes of that member. */
  offset: z.int().min(0),
});
export type IndexEntry = z.infer<typeof indexEntry>;

/** Something that a drill found besides its verdict: what the backup lacks, or what a drill leaves out. */
const finding = z.strictObject({ message: z.string(), hint: z.string().optional() });
export type Finding = z.infer<typeof finding>;

const containerLog = z.strictObject({ container: z.string(), text: z.string() });
export type ContainerLog = z.infer<typeof containerLog>;

/** One line of `evidence.ndjson`. `acknowledged`: a person looked at the backup's anomalies, and all is well. */
export const evidence = z.strictObject({
  kind: z.enum(["verified", "drilled", "copied", "acknowledged"]),
  at: instant,
  ok: z.boolean(),
  /** How long it took; for a drill that went well the measured recovery time. */
  ms: z.int(),
  detail: z.string().optional(),
  /** Of a drill. */
  findings: z.array(finding).optional(),
  /** Of a drill: the last lines that each container, or a machine's serial console, printed. Lists leave them out. */
  logs: z.array(containerLog).optional(),
  /** Of a machine's drill: the file beside the point that has the picture of its screen. */
  screenshot: z.string().optional(),
});
export type Evidence = z.infer<typeof evidence>;

/** A backup as lists show it. `problem` says why a folder that looks like a backup can't be used. */
export const backupSummary = z.strictObject({
  id: z.string(),
  module: z.string(),
  time: z.string(),
  manifest: manifest.nullable(),
  evidence: z.array(evidence),
  problem: z.string().nullable(),
});
export type BackupSummary = z.infer<typeof backupSummary>;

/** What is odd about a backup and nobody has answered yet. */
export function unansweredAnomalies({
  manifest,
  evidence,
}: {
  manifest: { anomalies?: Anomaly[] | undefined } | null;
  evidence: readonly Evidence[];
}): Anomaly[] {
  const answered = evidence.some((one) => one.kind === "acknowledged");
  return answered ? [] : (manifest?.anomalies ?? []);
}
