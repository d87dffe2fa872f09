import type { PointSummary } from "../contract/machine.ts";

/**
 * A point, last, after those that it builds on, the oldest first, as far as they are there: also of a chain that is broken. Empty
 * where the point itself isn't there.
 */
export function chainOf(id: string, points: readonly PointSummary[]): PointSummary[] {
  const found: PointSummary[] = [];
  let point = points.find((one) => one.id === id);
  while (point !== undefined) {
    found.unshift(point);
    const { machine, chain, time, manifest } = point;
    const parent = manifest?.parent ?? null;
    // Each is older than what builds on it, so that this ends whatever a manifest says.
    if (parent === null || parent >= time) break;
    point = points.find((one) => one.machine === machine && one.chain === chain && one.time === parent);
  }
  return found;
}
