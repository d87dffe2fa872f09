import type { EventList } from "../../../src/contract/api.ts";
import { ApiFailure, type Transport } from "./transport.ts";

interface Asking {
  request: Transport["request"];
  /** Seconds that Davit may wait for an event before it answers that there was none. */
  waitSeconds: number;
  /** Between one question and the next. */
  pauseMs: number;
}

const againMs = 1000;

/** Follows a run by asking for its events again and again, to its end or the signal's. While nobody answers it tries on. */
export function followByAsking({ request, waitSeconds, pauseMs }: Asking): Transport["follow"] {
  return async (route, after, onEvents, signal) => {
    let seen = after;
    while (!signal.aborted) {
      const answer = await request("GET", `${route}/events?after=${seen}&wait=${waitSeconds}`).catch(
        async (error: unknown) => {
          if (!(error instanceof ApiFailure) || error.kind !== "unreachable") throw error;
          await pause(againMs);
          return { events: [], ended: false };
        },
      );
      if (signal.aborted) return;
      // The server's own answer, by its contract.
      const { events, ended } = answer as EventList;
      seen = events.at(-1)?.seq ?? seen;
      if (events.length > 0) onEvents(events);
      if (ended) return;
      await pause(pauseMs);
    }
  };
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
