import type { PointDisk, PointManifest, PointSummary } from "../contract/machine.ts";
import type { Warning } from "../contract/module.ts";
import { chainOf } from "./chain-of.ts";
import { diskFile } from "./point-files.ts";
import type { Domain } from "./read-domain.ts";
import type { DomainDisk } from "./read-disks.ts";

export interface PointPlan {
  type: "full" | "incremental";
  /** What an increment builds on, and the checkpoint from which it counts; null for a full. */
  parent: { chain: string; time: string; checkpoint: string | null } | null;
  /** Why it is a full where an increment was wanted. */
  fallback: string | null;
  disks: readonly PlannedDisk[];
  warnings: readonly Warning[];
}

export interface PlannedDisk extends DomainDisk {
  /** Its file in the point's folder, and that file's backing file, relative; null for a full. */
  file: string;
  type: PointDisk["type"];
  backing: string | null;
  /** Why it is whole where an increment was wanted. */
  reason: string | null;
}

export interface PointWishes {
  wanted: "full" | "incremental";
  domain: Domain;
  /** The machine's points, newest first. */
  points: readonly PointSummary[];
  /** The checkpoints that libvirt has of the domain. */
  checkpoints: readonly string[];
}

/**
 * What the next point of a machine is made of. Pure. Of one that runs, an increment needs a point whose checkpoint libvirt still
 * has, and a disk is whole in it where its changes since are not known; where that holds for all of them it is a full. One that is
 * shut off is compared with its newest point instead.
 */
export function planPoint(wishes: PointWishes): PointPlan {
  const { wanted, domain } = wishes;
  if (wanted === "full") return fullPlan(domain, null);
  const base = findBase(wishes);
  if (typeof base === "string") return fullPlan(domain, base);
  const { manifest, checkpoint } = base;
  const disks = domain.disks.map((disk): PlannedDisk => {
    const file = diskFile(disk.target);
    const reason = (domain.active ? disk.untracked : null) ?? whyWhole(disk, manifest.disks, manifest.time);
    const type = reason === null ? "incremental" : "full";
    return { ...disk, file, type, backing: reason === null ? `../${manifest.time}/${file}` : null, reason };
  });
  if (disks.every((disk) => disk.type === "full")) return fullPlan(domain, reasons(disks));
  const gone = manifest.disks.filter(({ target }) => !disks.some((disk) => disk.target === target));
  return {
    type: "incremental",
    parent: { chain: manifest.chain, time: manifest.time, checkpoint },
    fallback: null,
    disks,
    warnings: [
      ...gone.map(({ target }): Warning => ({
        severity: "warning",
        message: `${target} is not in this point: it was removed since ${manifest.time}, or is not backed up any more`,
      })),
      ...disks.flatMap(({ target, reason }): Warning[] =>
        reason === null ? [] : [{ severity: "note", message: `${target} is whole in this point: ${reason}` }],
      ),
    ],
  };
}

function reasons(disks: readonly { target: string; reason: string | null }[]): string {
  return disks.map(({ target, reason }) => `${target}: ${reason}`).join("; ");
}

/** A full of all disks; `fallback` says why, where an increment was wanted. */
export function fullPlan(domain: Domain, fallback: string | null): PointPlan {
  const disks = domain.disks.map((disk): PlannedDisk => ({
    ...disk,
    file: diskFile(disk.target),
    type: "full",
    backing: null,
    reason: fallback === null ? null : (disk.untracked ?? fallback),
  }));
  return { type: "full", parent: null, fallback, disks, warnings: [] };
}

type Base = { manifest: PointManifest; checkpoint: string | null };

/** The point to build on, or why there is none. */
function findBase(wishes: PointWishes): Base | string {
  const { domain, points, checkpoints } = wishes;
  const newest = points[0];
  if (newest === undefined) return "it is the machine's first point";
  if (domain.active && domain.disks.every((disk) => disk.untracked !== null))
    return reasons(domain.disks.map(({ target, untracked }) => ({ target, reason: untracked })));
  let why: string | null = null;
  for (const point of points) {
    const { manifest } = point;
    const reason = whyNoBase(point, wishes);
    if (reason === null && manifest !== null) return { manifest, checkpoint: manifest.checkpoint };
    why ??= reason;
    // An older point whose checkpoint is still there can be built on, except where the chain is suspect.
    if (!domain.active || (manifest?.checkpoint != null && checkpoints.includes(manifest.checkpoint))) break;
  }
  return why ?? "there is no point to build on";
}

function whyNoBase(point: PointSummary, { domain, points, checkpoints }: PointWishes): string | null {
  const { manifest, time, problem } = point;
  if (manifest === null || problem !== null) return `${time} can't be built on: ${problem}`;
  if (manifest.uuid !== domain.uuid) return "the machine was made anew since: its UUID is another one";
  if (domain.active) {
    if (manifest.checkpoint === null) return `${time} has no checkpoint to count from`;
    if (!checkpoints.includes(manifest.checkpoint)) return `libvirt has no checkpoint ${manifest.checkpoint} any more`;
  }
  const suspect = chainOf(point.id, points).find(failedVerification);
  return suspect === undefined ? null : `${suspect.time} failed its verification`;
}

// Evidence is appended, so the last line is the latest whatever the clock said.
function failedVerification({ evidence }: PointSummary): boolean {
  return evidence.findLast((one) => one.kind === "verified")?.ok === false;
}

function whyWhole(disk: DomainDisk, before: readonly PointDisk[], time: string): string | null {
  const earlier = before.find(({ target }) => target === disk.target);
  if (earlier === undefined) return `it was added since ${time}`;
  if (earlier.sourceFormat !== disk.format)
    return `its format was changed from ${earlier.sourceFormat} to ${disk.format} since ${time}`;
  if (earlier.virtualBytes !== disk.virtualBytes)
    return `it was resized from ${earlier.virtualBytes} to ${disk.virtualBytes} bytes since ${time}`;
  return null;
}
