import { setTimeout as wait } from "node:timers/promises";
import type { RunEvent } from "../contract/run-event.ts";
import { readRun } from "./read-run.ts";

export interface Follow {
  file: string;
  id: string;
  after: number;
  signal: AbortSignal;
  /** Whether the run has its module's lock. */
  goesOn: () => boolean;
}

// Other processes write these files too, and a watch may miss a network file system: looking is cheap and always right.
const lookEveryMs = 200;

/** The events above `after` as they are written. Ends with the run, with its interruption, or quietly with the signal. */
export async function* followRun({ file, id, after, signal, goesOn }: Follow): AsyncGenerator<RunEvent> {
  let offset = 0;
  while (!signal.aborted) {
    // Asked before the reading, so that the last events of a run that ends in between are not missed.
    const wentOn = goesOn();
    const part = await readRun(file, id, offset);
    offset = part.offset;
    for (const event of part.events) {
      if (event.seq > after) yield event;
      if (event.type === "ended") return;
    }
    if (!wentOn) return;
    await wait(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}
