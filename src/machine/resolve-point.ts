import { backupTime, parseBackupTime } from "../contract/backup-id.ts";
import { isFuture } from "../contract/is-future.ts";
import { machineName, type PointSummary } from "../contract/machine.ts";
import { Failure } from "../failure/failure.ts";
import { nearestName } from "../failure/nearest-name.ts";

export interface PointShelf {
  now: Date;
  list(machine: string): Promise<PointSummary[]>;
  machines(): Promise<string[]>;
}

/**
 * The point that a person's id names: `docker-host@latest`, `docker-host@<point>`, `docker-host/<point>`, `docker-host/<chain>/<point>`. The
 * latest is the newest that can be used and is not dated in the future, where there is one.
 */
export async function resolvePoint(id: string, shelf: PointShelf): Promise<PointSummary> {
  const { machine, chain, time } = parse(id);
  const points = await shelf.list(machine);
  if (points.length === 0) throw await noMachine(machine, shelf);
  if (time === "latest") return latest(points, shelf.now);
  const found = points.find((point) => point.time === time && (chain === null || point.chain === chain));
  if (found !== undefined) return found;
  const wanted = parseBackupTime(time).getTime();
  const distance = (point: PointSummary): number => Math.abs(parseBackupTime(point.time).getTime() - wanted);
  const nearby = points.toSorted((a, b) => distance(a) - distance(b)).slice(0, 3);
  throw new Failure("missing", `there is no point ${id}`, {
    hint: `${machine} has ${points.length}; close to it: ${nearby.map((point) => point.id).join(", ")}`,
  });
}

function parse(id: string): { machine: string; chain: string | null; time: string } {
  const parts = /^([^/@]+)(?:@(latest|[^/@]+)|\/(?:([^/@]+)\/)?([^/@]+))$/u.exec(id);
  const machine = parts?.[1] ?? "";
  const chain = parts?.[3] ?? null;
  const time = parts?.[2] ?? parts?.[4] ?? "";
  const known = (time === "latest" && parts?.[2] !== undefined) || backupTime.safeParse(time).success;
  const chained = chain === null || backupTime.safeParse(chain).success;
  if (known && chained && machineName.safeParse(machine).success) return { machine, chain, time };
  throw new Failure("usage", `${id} is not a point's id`, {
    hint: "an id looks like docker-host@latest, docker-host@20261123T020000Z, or as the list of points shows it",
  });
}

function latest(newestFirst: readonly PointSummary[], now: Date): PointSummary {
  const usable = newestFirst.filter((point) => point.problem === null);
  const found = usable.find((point) => !isFuture(point.time, now)) ?? usable[0];
  if (found !== undefined) return found;
  const first = newestFirst[0];
  throw new Failure("damaged", `none of the ${newestFirst.length} points of ${first?.machine} can be used`, {
    hint: `${first?.id}: ${first?.problem}`,
  });
}

async function noMachine(machine: string, shelf: PointShelf): Promise<Failure> {
  const known = await shelf.machines();
  const near = nearestName(machine, known);
  const meant = near === null || near === machine ? "" : `did you mean ${near}? `;
  const there = known.length === 0 ? "the vault is empty" : `there are points of ${known.join(", ")}`;
  return new Failure("missing", `there is no point of ${machine}`, { hint: `${meant}${there}` });
}
