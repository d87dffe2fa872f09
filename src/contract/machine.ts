import { z } from "zod";
import { backupTime, moduleName } from "./backup-id.ts";
import { anomaly, evidence } from "./manifest.ts";
import { warning } from "./module.ts";
import { keepRules } from "./settings.ts";

/** The format of a point that this version of Davit writes; readers refuse a newer one. docs/format.md describes it. */
export const pointFormatVersion = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/u);
const instant = z.iso.datetime();

/** A machine's name: one folder name in the vault, chosen in agent.yaml. */
export const machineName = moduleName;

/**
 * `docker-host/20261122T020000Z/20261123T020000Z`: machine, chain, point. A chain is one full and its increments; it is
 * called by its full's time, and the full's point as well.
 */
export type PointId = `${string}/${string}/${string}`;

export function pointId(machine: string, chain: string, time: string): PointId {
  return `${machine}/${chain}/${time}`;
}

/** How a machine is brought to rest while its point in time is taken. */
export const quiesce = z.enum(["auto", "pause", "none"]);
export type Quiesce = z.infer<typeof quiesce>;

/** How a boot drill tells that a machine is well; `auto` takes the best of what the machine gives. */
const bootCheck = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("auto") }),
  /** The guest agent answers. */
  z.strictObject({ type: z.literal("agent") }),
  /** A regular expression that the serial console's text has to match. */
  z.strictObject({ type: z.literal("serial"), pattern: z.string() }),
  /** The picture has stopped changing. */
  z.strictObject({ type: z.literal("screen") }),
]);
export type BootCheck = z.infer<typeof bootCheck>;

/** A machine's settings after agent.yaml and defaults were put together. */
const machineSettings = z.strictObject({
  /** The libvirt domain's name. */
  domain: z.string(),
  /** Where libvirt is asked: `qemu:///system`, or a remote URI. */
  uri: z.string(),
  timezone: z.string(),
  /** Cron expressions; null for by hand only. */
  full: z.string().nullable(),
  incremental: z.string().nullable(),
  quiesce,
  /** Compress the disks with zstd once the job is over. */
  compress: z.boolean(),
  /** Rules on chains' fulls: a chain is kept or goes as a whole. */
  keep: keepRules,
  /** Increments of a chain beyond which the oldest are rolled up into a synthetic full; null for never. */
  rollUp: z.int().min(1).nullable(),
  drill: z.strictObject({
    schedule: z.string().nullable(),
    check: bootCheck,
    timeoutSeconds: z.int().min(1),
    memoryMiB: z.int().min(64),
  }),
});
export type MachineSettings = z.infer<typeof machineSettings>;

/** A machine of agent.yaml. */
const machine = z.strictObject({ name: machineName, settings: machineSettings });
export type Machine = z.infer<typeof machine>;

/** What brought the machine to rest: `hold` is the sidecar's, `freeze` the guest agent's; `off`: it was shut off. */
const restKind = z.enum(["hold", "freeze", "pause", "off"]);
export type RestKind = z.infer<typeof restKind>;

const disk = z.strictObject({
  /** The disk's name in the domain, `vda`. */
  target: z.string(),
  /** Its file in the point's folder. */
  file: z.string(),
  /** `incremental` disks have their backing file in the parent's folder, as `../<parent>/<file>`. */
  type: z.enum(["full", "incremental"]),
  backing: z.string().nullable(),
  /** What the guest sees, and what the file takes. */
  virtualBytes: z.int(),
  bytes: z.int(),
  sha256,
  /** The live disk's format, and why a full was needed where an increment was due. */
  sourceFormat: z.string(),
  reason: z.string().nullable(),
});
export type PointDisk = z.infer<typeof disk>;

/** A file of a point besides the disks: the domain's XML, its NVRAM, its TPM's state. */
const document = z.strictObject({ file: z.string(), bytes: z.int(), sha256 });

/** `manifest.json` of a sealed point. */
export const pointManifest = z.strictObject({
  format: z.literal(pointFormatVersion),
  kind: z.literal("machine"),
  machine: machineName,
  domain: z.string(),
  uuid: z.string(),
  chain: backupTime,
  time: backupTime,
  /** `synthetic` for a full that was made of older points. */
  type: z.enum(["full", "incremental", "synthetic"]),
  /** The time of the point that this one builds on; null for a full. */
  parent: backupTime.nullable(),
  /** Of libvirt, from which the next increment counts; null where there is none. */
  checkpoint: z.string().nullable(),
  davit: z.string(),
  host: z.strictObject({ id: z.string(), name: z.string() }),
  versions: z.strictObject({ libvirt: z.string(), qemu: z.string() }),
  started: instant,
  /** The instant that the disks are of. */
  taken: instant,
  sealed: instant,
  quiesce: z.strictObject({
    wanted: quiesce,
    /** In the order in which they took effect; empty where nothing was done. */
    used: z.array(restKind),
    /** How long the guest stood still; null where it did not. */
    ms: z.int().nullable(),
  }),
  /** Why this is a full where an increment was due. */
  fallback: z.string().nullable(),
  disks: z.array(disk),
  documents: z.array(document),
  warnings: z.array(warning),
  anomalies: z.array(anomaly).optional(),
});
export type PointManifest = z.infer<typeof pointManifest>;

/** A point as lists show it. `problem` says why a folder that looks like a point can't be used. */
export const pointSummary = z.strictObject({
  id: z.string(),
  machine: machineName,
  chain: backupTime,
  time: backupTime,
  manifest: pointManifest.nullable(),
  /** Of the kinds `verified`, `drilled` and `copied`. */
  evidence: z.array(evidence),
  /** The picture of the last boot drill is there. */
  screenshot: z.boolean(),
  problem: z.string().nullable(),
});
export type PointSummary = z.infer<typeof pointSummary>;

/** A machine as lists show it. */
export const machineStatus = z.strictObject({
  name: machineName,
  settings: machineSettings,
  /** As libvirt says it: `running`, `shut off`; null where libvirt can't be asked or has no such domain. */
  state: z.string().nullable(),
  problem: z.string().nullable(),
  /** Newest first. */
  points: z.array(pointSummary),
  next: z.strictObject({ full: instant.nullable(), incremental: instant.nullable(), drill: instant.nullable() }),
  warnings: z.array(warning),
});
export type MachineStatus = z.infer<typeof machineStatus>;

/** The jobs that can be started for a machine, also over the link. Nothing else can. */
export const machineJob = z.enum(["full", "incremental", "verify", "drill"]);
export type MachineJob = z.infer<typeof machineJob>;
