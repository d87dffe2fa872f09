import type { PointSummary } from "../contract/machine.ts";
import type { Verifiable } from "./next-verification.ts";

/** So long ago that it is due. */
const longAgo = "1970-01-01T00:00:00.000Z";

/**
 * The chains of points, each by its newest usable point, whose verification reads all that it builds on. A chain was last read
 * when that of its points was that has waited longest. One of which nothing was ever read is due at once: as long as it is not
 * verified, rotation keeps the chains before it.
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
    const isNew = chain.every((one) => one.evidence.every(({ kind }) => kind !== "verified"));
    const sealed = isNew ? longAgo : (manifest?.sealed ?? longAgo);
    return [{ id: newest.id, module: newest.machine, manifest: { sealed }, evidence, problem: null }];
  });
}

function lastRead({ manifest, evidence }: PointSummary): number {
  const read = evidence.findLast((one) => one.kind === "verified");
  return Date.parse(read?.at ?? manifest?.sealed ?? longAgo);
}
