import type { Evidence } from "../contract/manifest.ts";

/** What has to be known of a backup, or of a chain of points. */
export interface Verifiable {
  id: string;
  module: string;
  manifest: { sealed: string } | null;
  evidence: readonly Evidence[];
  problem: string | null;
}

export interface NextVerification {
  id: string;
  /** When to begin; now where it is not in the future. */
  at: Date;
}

const dayMs = 86_400_000;
/** The share of the period that the work is spread over: what is left is for days on which the host is off. */
const usedShare = 0.8;

interface Known {
  id: string;
  /** When it was last read: verified, whatever came of that, else sealed. */
  last: number;
  /** When it was read within the last day, by turns: what a person did besides counts for nothing here. */
  recent: number[];
}

/**
 * Which backup is to be verified next, and when, so that each is read at least every `days` days; null where none can be. Pure:
 * what was done is what the evidence says. It is the one whose evidence is oldest, in time for itself and for all that follow
 * it, one after another with equal spaces between them. Of a vault that was never verified, only one day's share is read a
 * day. What is not free has no turn now.
 */
export function nextVerification(
  backups: readonly Verifiable[],
  now: Date,
  days: number,
  isFree: (backup: Verifiable) => boolean = () => true,
): NextVerification | null {
  const known = backups.flatMap((backup) => know(backup, now, days));
  const free = new Set(backups.filter(isFree).map(({ id }) => id));
  const waiting = known.filter(({ id }) => free.has(id)).toSorted((a, b) => a.last - b.last);
  const [oldest] = waiting;
  if (oldest === undefined || days <= 0) return null;
  const period = days * usedShare * dayMs;
  const space = period / known.length;
  // Those after it have to be begun in time as well, and each of them waits for the ones before.
  const wanted = Math.min(...waiting.map(({ last }, at) => last + period - at * space));
  // Of those that are late, only so many a day.
  const share = Math.ceil((known.length * dayMs) / period);
  const limit = known.flatMap(({ recent }) => recent).toSorted((a, b) => b - a)[share - 1];
  return { id: oldest.id, at: new Date(limit === undefined ? wanted : Math.max(wanted, limit + dayMs)) };
}

function know({ id, manifest, evidence, problem }: Verifiable, now: Date, days: number): Known[] {
  if (manifest === null || problem !== null) return [];
  const read = evidence.filter((one) => one.kind === "verified").map((one) => Date.parse(one.at));
  // A clock that was ahead must not put it off for years.
  const times = [Date.parse(manifest.sealed), ...read].map((time) => Math.min(time, now.getTime()));
  const since = now.getTime() - dayMs;
  const byTurns = (time: number, at: number): boolean => time - (times[at] ?? time) >= (days * dayMs) / 3;
  return [
    { id, last: times.at(-1) ?? 0, recent: times.slice(1).filter((time, at) => time > since && byTurns(time, at)) },
  ];
}
