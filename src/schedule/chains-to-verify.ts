import type { PointSummary } from "../contract/machine.ts";
import type { Verifiable } from "./next-verification.ts";

/**
 * The chains of points, each by its newest usable point, whose verification reads all that it builds on. A chain was last read
 * when that of its points was that has waited longest.
 */
export function chainsToVerify(points: readonly PointSummary[]): Verifiable[] {
  const chains = Map.groupBy(
    points.filter((one) => one.problem === null && one.manifest !== null),
    ({ machine, chain }) => `${machine}/${chain}`,
  );
  return [...chains.values()].flatMap((chain) => {
    const newest = chain.reduce((one, other) => (one.time > other.time ? one : other));
    const waiting = chain.reduce((one, other) => (lastRead(one) <= lastRead(other) ? one : other));
    const { manifest, evidence } = waiting;
    return [{ id: newest.id, module: newest.machine, manifest, evidence, problem: null }];
  });
}

function lastRead({ manifest, evidence }: PointSummary): number {
  const read = evidence.findLast((one) => one.kind === "verified");
  return Date.parse(read?.at ?? manifest?.sealed ?? "1970-01-01T00:00:00Z");
}
