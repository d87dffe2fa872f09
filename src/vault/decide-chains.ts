import { parseBackupTime } from "../contract/backup-id.ts";
import { isFuture } from "../contract/is-future.ts";
import type { PointSummary } from "../contract/machine.ts";
import { type Evidence, unansweredAnomalies } from "../contract/manifest.ts";
import type { KeepRules } from "../contract/settings.ts";
import { decideRotation, type Rotated } from "./rotation.ts";

export interface PointDecision {
  id: string;
  chain: string;
  keep: boolean;
  /** For a person: the rules that keep its chain, or why that goes. */
  reason: string;
}

/**
 * Which of one machine's points to keep, each with the reason, newest first. Pure: the same input gives the same answer.
 *
 * A chain is kept or goes as a whole, since a point can't be read without those that it builds on: the rules of `decideRotation`
 * are asked about the chains, each by the time of its full. Besides, a chain goes only once a newer one is verified; and `within`
 * keeps it as long as it keeps any of its points.
 */
export function decideChains(
  points: readonly PointSummary[],
  rules: KeepRules,
  now: Date,
  zone: string,
): PointDecision[] {
  const chains = [...Map.groupBy(points, (point) => point.chain).entries()].map(([chain, own]) =>
    summarize(chain, own),
  );
  const decided = new Map(decideRotation(chains, rules, now, zone).map((one) => [one.id, one]));
  const verified = chains.filter((chain) => isVerified(chain) && !isFuture(chain.time, now)).map(({ time }) => time);
  const newestVerified = verified.toSorted().at(-1) ?? "";
  return points
    .toSorted((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0))
    .map(({ id, chain, time }) => {
      const about = decided.get(chain);
      const summary = chains.find((one) => one.id === chain);
      const more = summary === undefined || about?.keep === true ? null : whyStill(summary, newestVerified, rules, now);
      const keep = about?.keep !== false || more !== null;
      const reason = more ?? about?.reason ?? "";
      const own = summary?.time === time ? "" : keep ? "its chain: " : "with its chain: ";
      return { id, chain, keep, reason: `${own}${reason}` };
    });
}

interface Chain extends Rotated {
  /** The time of its newest point. */
  newest: string;
}

/** A chain as the rules see a backup: by its full's time, and with what its points have shown. */
function summarize(chain: string, points: readonly PointSummary[]): Chain {
  const oldestFirst = points.toSorted((a, b) => (a.time < b.time ? -1 : 1));
  const full = oldestFirst.find(({ manifest }) => manifest !== null && manifest.parent === null) ?? oldestFirst[0];
  const broken = oldestFirst.find(({ problem }) => problem !== null);
  const problem = broken === undefined ? null : `${broken.time}: ${broken.problem}`;
  return {
    id: chain,
    time: full?.time ?? chain,
    newest: oldestFirst.at(-1)?.time ?? chain,
    problem,
    manifest: { anomalies: oldestFirst.flatMap(unansweredAnomalies) },
    evidence: evidenceOf(oldestFirst),
  };
}

/** One that failed to verify speaks against the whole chain, one that was found sound for it. */
function evidenceOf(points: readonly PointSummary[]): Evidence[] {
  const last = (kind: Evidence["kind"]): Evidence[] =>
    points.flatMap(({ evidence }) => evidence.findLast((one) => one.kind === kind) ?? []);
  const verified = last("verified").toSorted((a, b) => Number(b.ok) - Number(a.ok));
  const drilled = last("drilled").toSorted((a, b) => Number(a.ok) - Number(b.ok));
  return [...verified, ...drilled];
}

function isVerified({ problem, evidence }: Chain): boolean {
  return problem === null && evidence.findLast((one) => one.kind === "verified")?.ok === true;
}

function whyStill({ time, newest }: Chain, newestVerified: string, rules: KeepRules, now: Date): string | null {
  const { withinSeconds } = rules;
  if (withinSeconds !== undefined && parseBackupTime(newest).getTime() >= now.getTime() - withinSeconds * 1000)
    return "within";
  return time < newestVerified ? null : "no newer chain is verified yet";
}
