import { randomUUID } from "node:crypto";
import type { HoldAnswer, ReleaseAnswer } from "../../contract/link.ts";
import { asFailure, Failure } from "../../failure/failure.ts";
import { type DeadMan, deadMan } from "../dead-man.ts";
import { Rejected } from "../rejected.ts";
import type { EventStream } from "./event-streams.ts";
import type { Pairing } from "./pairings.ts";

/** What runs in a machine is held, until released or until its time is over. */
export interface GuestHold {
  /** The modules that are held. */
  readonly modules: readonly string[];
  /** Lets all go. Whether it was held all the time until then: false as well where the sidecar can't be asked any more. */
  release(): Promise<boolean>;
}

interface OpenHold {
  stream: EventStream;
  /** Ends it at its time, or when the stream ends. */
  over: DeadMan;
  held: PromiseWithResolvers<HoldAnswer>;
  released: PromiseWithResolvers<ReleaseAnswer>;
}

/** The holds that sidecars were asked for. Each ends by itself at its time, and when its sidecar's stream does. */
export class GuestHolds {
  readonly #open = new Map<string, OpenHold>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /**
   * Asks a machine's sidecar to hold what runs there until `untilMs` (as of Date.now()) at the latest, and waits until it has; null where
   * there was nothing to hold. Throws
   * `busy` or `failed` where the sidecar says that it could not, `unreachable` where it said nothing in time; it lets go by itself then.
   */
  async hold(stream: EventStream, machine: string, untilMs: number, signal: AbortSignal): Promise<GuestHold | null> {
    const id = randomUUID();
    const leftMs = Math.max(0, untilMs - Date.now());
    const over = deadMan(leftMs, [stream.closed, signal]);
    const hold = {
      stream,
      over,
      held: Promise.withResolvers<HoldAnswer>(),
      released: Promise.withResolvers<ReleaseAnswer>(),
    };
    this.#open.set(id, hold);
    over.signal.addEventListener("abort", () => this.#open.delete(id), { once: true });
    const until = new Date(this.#now().getTime() + leftMs).toISOString();
    stream.send({ type: "hold", hold: id, machine, until });
    const answer = await unlessOver(hold.held.promise, over.signal);
    const isHeld = answer?.held === true && answer.modules.length > 0;
    if (isHeld) return { modules: answer.modules, release: async () => this.#release(id, hold) };
    stream.send({ type: "release", hold: id });
    over.stop();
    if (signal.aborted) throw asFailure(signal.reason);
    if (answer === null) throw noAnswer(machine, stream);
    if (answer.held) return null;
    throw new Failure(answer.why, `the sidecar in ${machine} could not hold it: ${answer.message}`);
  }

  /** What a sidecar answered to a hold. */
  held(pairing: Pairing, id: string, answer: HoldAnswer): void {
    this.#find(pairing, id).held.resolve(answer);
  }

  /** What a sidecar answered to a release. */
  released(pairing: Pairing, id: string, answer: ReleaseAnswer): void {
    this.#find(pairing, id).released.resolve(answer);
  }

  async #release(id: string, { stream, over, released }: OpenHold): Promise<boolean> {
    stream.send({ type: "release", hold: id });
    const answer = await unlessOver(released.promise, over.signal);
    over.stop();
    return answer?.throughout ?? false;
  }

  #find({ tokenSha256 }: Pairing, id: string): OpenHold {
    const hold = this.#open.get(id);
    if (hold === undefined || hold.stream.pairing.tokenSha256 !== tokenSha256)
      throw new Rejected("unknown-hold", "there is no such hold, or its time is over");
    return hold;
  }
}

async function unlessOver<T>(answer: Promise<T>, over: AbortSignal): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const stop = (): void => resolve(null);
  if (over.aborted) return null;
  over.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([answer, promise]);
  } finally {
    over.removeEventListener("abort", stop);
  }
}

function noAnswer(machine: string, { closed }: EventStream): Failure {
  return new Failure(
    "unreachable",
    closed.aborted
      ? `the link to the sidecar in ${machine} broke before it had said that all is held`
      : `the sidecar in ${machine} did not say in time that all is held`,
    { hint: "look at the sidecar's log; what it held it lets go by itself" },
  );
}
