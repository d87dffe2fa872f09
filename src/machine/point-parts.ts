import { backupTime, formatBackupTime } from "../contract/backup-id.ts";
import { machineName, type PointId, pointId } from "../contract/machine.ts";
import { Failure } from "../failure/failure.ts";

export interface PointParts {
  machine: string;
  chain: string;
  time: string;
}

/** The parts of a full id; a `usage` Failure for anything else. */
export function pointParts(id: string): PointParts {
  const [machine = "", chain = "", time = "", ...rest] = id.split("/");
  const fits = backupTime.safeParse(chain).success && backupTime.safeParse(time).success && rest.length === 0;
  if (fits && machineName.safeParse(machine).success) return { machine, chain, time };
  throw new Failure("usage", `${id} is not a point's id`, {
    hint: "an id looks like docker-host/20261122T020000Z/20261123T020000Z",
  });
}

/** The id of a point of which the parts are known. */
export function idOfPoint({ machine, chain, time }: PointParts): PointId {
  return pointId(machine, chain, time);
}

/** The name for an instant, or the next that is not among those taken. */
export function freeTime(instant: Date, taken: ReadonlySet<string>): string {
  for (let second = instant.getTime(); ; second += 1000) {
    const name = formatBackupTime(new Date(second));
    if (!taken.has(name)) return name;
  }
}
