import { formatBackupTime } from "../contract/backup-id.ts";
import { Failure } from "../failure/failure.ts";
import { type BytePath, toDisplay } from "../format/byte-path.ts";
import type { Place } from "./places.ts";
import type { JournalEntry } from "./restore-journal.ts";
import { exists, inParent, isMountPoint, mountPoint, type Swap } from "./swaps.ts";

const longest = 200;

/** The exchanges that put data from a staging folder into each place. Names carry the time, and none of them is in use. Throws `storage` for a place that is a mount point. */
export function planSwaps(places: readonly Place[], now: Date): Swap[] {
  for (const place of places) if (inParent(place, (at) => isMountPoint(at, place.name))) throw mountPoint(place);
  return unused(now, (time) =>
    places.map((place, index) => ({
      ...place,
      staging: `.davit-restore-${time}`,
      incoming: place.name,
      aside: asideName(".before-restore", time, place.name, index),
      replaces: inParent(place, (at) => exists(at, place.name)),
    })),
  );
}

/**
 * The exchanges that take back those of a restore that was done: the old data comes in again, the restored goes aside. Throws
 * `missing` where the old data was removed since.
 */
export function planUndo(done: JournalEntry, now: Date): Swap[] {
  const gone = done.swaps.find((swap) => swap.replaces && !inParent(swap, (at) => exists(at, swap.aside)));
  if (gone !== undefined)
    throw new Failure("missing", `the old data is not there any more: ${asidePath(gone)}`, {
      hint: "there is nothing to go back to; restore another backup instead",
    });
  return unused(now, (time) =>
    done.swaps.map(({ root, parent, name, aside, replaces }, index) => ({
      root,
      parent,
      name,
      staging: "",
      incoming: replaces ? aside : null,
      aside: asideName(".undone", time, name, index),
      replaces: inParent({ root, parent, name }, (at) => exists(at, name)),
    })),
  );
}

/** Where the old data of a place is kept, absolute, to show. */
export function asidePath({ root, parent, aside }: Swap): string {
  return [root === "/" ? "" : root, toDisplay(parent), toDisplay(aside)].filter((part) => part !== "").join("/");
}

function asideName(prefix: string, time: string, name: BytePath, index: number): BytePath {
  const whole = `${prefix}-${time}-${name}`;
  return whole.length <= longest ? whole : `${whole.slice(0, longest)}-${index}`;
}

function unused(now: Date, plan: (time: string) => Swap[]): Swap[] {
  for (let instant = now.getTime(); ; instant += 1000) {
    const swaps = plan(formatBackupTime(new Date(instant)));
    const taken = swaps.some((swap) =>
      inParent(swap, (at) => exists(at, swap.aside) || (swap.staging !== "" && exists(at, swap.staging))),
    );
    if (!taken) return swaps;
  }
}
