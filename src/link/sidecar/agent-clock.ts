/**
 * The agent's clock, as far as it is known here. What the agent says of its time arrives late, never early, so the latest that was ever
 * reckoned is the nearest; a machine that stood still meanwhile learns of it with the next.
 */
export class AgentClock {
  #ahead: number | null = null;

  /** Begins anew, with what an agent says that may have been started anew. */
  set(time: string): void {
    this.#ahead = Date.parse(time) - performance.now();
  }

  hear(time: string): void {
    this.#ahead = Math.max(this.#ahead ?? -Infinity, Date.parse(time) - performance.now());
  }

  /** Null before anything was heard. */
  now(): Date | null {
    return this.#ahead === null ? null : new Date(this.#ahead + performance.now());
  }

  /** Milliseconds until a time of the agent. */
  until(time: string): number {
    return Date.parse(time) - (this.now()?.getTime() ?? Date.parse(time));
  }
}
