/** Tells those who still read something that whoever they read it for may no longer. */
export class Endings {
  readonly #ends = new Map<string, AbortController>();

  /** Aborts when that one's access ends. */
  signalOf(id: string): AbortSignal {
    const known = this.#ends.get(id) ?? new AbortController();
    this.#ends.set(id, known);
    return known.signal;
  }

  end(id: string): void {
    this.#ends.get(id)?.abort();
    this.#ends.delete(id);
  }
}
