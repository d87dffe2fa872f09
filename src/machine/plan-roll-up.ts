import type { PointSummary } from "../contract/machine.ts";
import { unansweredAnomalies } from "../contract/manifest.ts";

/** What a roll-up does with a chain. */
export interface RollUpPlan {
  /** The point that becomes a full of its own. */
  cut: PointSummary;
  /** The points that it builds on now, the oldest first: they go. */
  replaced: PointSummary[];
}

/**
 * The roll-up of a chain's oldest increments where it has more of them than wanted; null where it has not, or where a person should look
 * at one of them first. `points` are those of one chain.
 */
export function planRollUp(points: readonly PointSummary[], mostIncrements: number): RollUpPlan | null {
  const oldestFirst = points.toSorted((a, b) => (a.time < b.time ? -1 : 1));
  const isLine = oldestFirst.every(({ manifest }, index) => {
    const parent = oldestFirst[index - 1]?.time ?? null;
    return manifest !== null && manifest.parent === parent;
  });
  const at = oldestFirst.length - 1 - mostIncrements;
  const cut = oldestFirst[at];
  if (!isLine || at < 1 || cut === undefined) return null;
  const touched = oldestFirst.slice(0, at + 1);
  const doubtful = touched.some(
    (point) =>
      point.problem !== null ||
      unansweredAnomalies(point).length > 0 ||
      point.evidence.findLast((one) => one.kind === "verified")?.ok === false,
  );
  return doubtful ? null : { cut, replaced: touched.slice(0, -1) };
}
