import { z } from "zod";
import { requestHeaders, requestWindowMs } from "../../contract/link.ts";
import { Rejected } from "../rejected.ts";

const stamp = z.object({ [requestHeaders.id]: z.uuid(), [requestHeaders.time]: z.iso.datetime() });

/** More than an honest sidecar sends within the window, and little memory. */
const mostRemembered = 50_000;

/**
 * Lets each request that changes something pass once. It bears an id and a time by the agent's clock: ids are remembered for as
 * long as their times count, and no time from before the agent's start counts, so that a restart lets nothing pass twice.
 */
export class ReplayGuard {
  readonly #now: () => Date;
  readonly #began: number;
  /** When an id's time no longer counts, oldest first. */
  readonly #seen = new Map<string, number>();

  constructor(now: () => Date) {
    this.#now = now;
    this.#began = now().getTime();
  }

  /** Throws a `replayed`, `out-of-time` or `bad-request` rejection for a request that may not pass. */
  admit(headers: Readonly<Record<string, string | string[] | undefined>>): void {
    const parsed = stamp.safeParse(headers);
    if (!parsed.success)
      throw new Rejected(
        "bad-request",
        `a request that changes something needs ${requestHeaders.id} and ${requestHeaders.time}`,
      );
    const now = this.#now().getTime();
    const id = parsed.data[requestHeaders.id] ?? "";
    const time = Date.parse(parsed.data[requestHeaders.time] ?? "");
    if (Math.abs(now - time) > requestWindowMs || time < this.#began)
      throw new Rejected("out-of-time", "the request was made too long ago, or before the agent was started", {
        hint: "ask for the agent's clock again (hello)",
      });
    for (const [old, until] of this.#seen) {
      if (until >= now) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(id)) throw new Rejected("replayed", "this request came before");
    if (this.#seen.size >= mostRemembered)
      throw new Rejected("busy", "too many requests at once", { hint: "wait a minute" });
    // Both ends of the window, since a time may lie ahead by as much.
    this.#seen.set(id, now + 2 * requestWindowMs);
  }
}
