import type { HoldAnswer, LinkEvent, ReleaseAnswer } from "../../contract/link.ts";
import { asFailure, Failure } from "../../failure/failure.ts";
import { type DeadMan, deadMan } from "../dead-man.ts";
import type { AgentLink } from "./connect-agent.ts";
import type { Log } from "./keep-link.ts";

/** What is held for the agent. */
export interface HeldForMachine {
  modules: readonly string[];
  /** Lets all go; whether each was held all the time until then. */
  release(): Promise<boolean>;
}

/**
 * Holds what runs here, or throws and holds nothing. The signal aborts when nobody wants it any more; `leftMs` is how long the whole
 * hold may take.
 */
export type HoldWork = (order: { machine: string; leftMs: number; signal: AbortSignal }) => Promise<HeldForMachine>;

type HoldEvent = LinkEvent & { type: "hold" };

export interface HoldAnswersOptions {
  agent: Pick<AgentLink, "clock" | "answerHold" | "answerRelease">;
  hold: HoldWork;
  log: Log;
}

interface OpenHold {
  over: DeadMan;
  /** Aborts once the agent says that it has its point. */
  released: AbortController;
}

/** How long the agent may take to hear what became of a hold that is over here. */
const afterwardsMs = 10_000;

/**
 * Does what the agent asks for over the stream: holds what runs here and says so, lets go when told, and by itself at the hold's
 * time, when the stream breaks, and when Davit stops.
 */
export class HoldAnswers {
  readonly #options: HoldAnswersOptions;
  readonly #open = new Map<string, OpenHold>();
  readonly #going = new Set<Promise<void>>();

  constructor(options: HoldAnswersOptions) {
    this.#options = options;
  }

  /** Begins a hold; `broken` aborts when the stream that it came over does. */
  begin(event: HoldEvent, broken: AbortSignal): void {
    const { log } = this.#options;
    const going = this.#answer(event, broken)
      .catch((thrown: unknown) => log.error({ err: asFailure(thrown) }, "a hold for the agent went wrong"))
      .finally(() => this.#going.delete(going));
    this.#going.add(going);
  }

  /** The agent has its point, or wants none any more. */
  release(hold: string): void {
    this.#open.get(hold)?.released.abort(new Failure("cancelled", "the agent wants it no more"));
  }

  /** Resolves once nothing is held. */
  async idle(): Promise<void> {
    await Promise.all(this.#going);
  }

  async #answer({ hold: id, machine, until }: HoldEvent, broken: AbortSignal): Promise<void> {
    const { agent, hold, log } = this.#options;
    const leftMs = agent.clock.until(until);
    if (this.#open.size > 0) return this.#refuse(id, new Failure("busy", "another hold goes on"));
    if (leftMs <= 0) return this.#refuse(id, new Failure("failed", "its time was over before it arrived"));
    const released = new AbortController();
    const over = deadMan(leftMs, [broken]);
    this.#open.set(id, { over, released });
    const began = performance.now();
    const signal = AbortSignal.any([over.signal, released.signal]);
    try {
      const held = await hold({ machine, leftMs, signal }).catch((thrown: unknown) => asFailure(thrown));
      if (held instanceof Failure) return await this.#refuse(id, held);
      const heldMs = performance.now() - began;
      const throughout = await this.#untilReleased(id, held, signal);
      const ms = { untilHeldMs: Math.round(heldMs), heldMs: Math.round(performance.now() - began - heldMs) };
      const details = { machine, modules: held.modules, ...ms, throughout };
      if (throughout) log.info(details, "held for a backup of the machine");
      else log.warn(details, "held for a backup of the machine, but not until it had its point");
    } finally {
      over.stop();
      this.#open.delete(id);
    }
  }

  /** Tells that all is held, waits for the agent's word, lets go in any case, and tells how it went. */
  async #untilReleased(id: string, held: HeldForMachine, signal: AbortSignal): Promise<boolean> {
    const { agent } = this.#options;
    const over = this.#open.get(id)?.over.signal ?? signal;
    let told = true;
    try {
      // Its word to let go may come before its answer to this.
      await agent.answerHold(id, { held: true, modules: [...held.modules] }, over);
      await aborted(signal);
    } catch {
      told = false;
    }
    const inTime = told && !over.aborted;
    let answer: ReleaseAnswer;
    try {
      const wasHeld = await held.release();
      answer = { throughout: inTime && wasHeld };
    } catch (thrown) {
      answer = { throughout: false, message: asFailure(thrown).message.slice(0, 2000) };
      await this.#afterwards((after) => agent.answerRelease(id, answer, after));
      throw thrown;
    }
    await this.#afterwards((after) => agent.answerRelease(id, answer, after));
    return answer.throughout;
  }

  async #refuse(id: string, failure: Failure): Promise<void> {
    const { agent, log } = this.#options;
    log.warn({ err: failure }, "could not hold for a backup of the machine");
    const why = failure.kind === "busy" ? "busy" : "failed";
    const answer: HoldAnswer = { held: false, why, message: failure.message.slice(0, 2000) };
    await this.#afterwards((signal) => agent.answerHold(id, answer, signal));
  }

  /** Tells the agent, if it can be told: it knows by its own time as well. */
  async #afterwards(tell: (signal: AbortSignal) => Promise<void>): Promise<void> {
    await tell(AbortSignal.timeout(afterwardsMs)).catch(() => undefined);
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
