/** Which of the 256 bytes a step takes. */
export type ByteSet = Uint8Array;

/** The bytes for which `holds`. */
export function bytesThat(holds: (byte: number) => boolean): ByteSet {
  return Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0));
}

const everyByte = bytesThat(() => true);

interface State {
  /** The pattern that it belongs to. */
  owner: number;
  steps: { bytes: ByteSet; to: number }[];
  /** States that are reached without a byte. */
  free: number[];
  /** Reached: its pattern is found, whatever follows. */
  found: boolean;
  /** Its pattern is found where the text ends here. */
  foundAtEnd: boolean;
}

/** What an automaton knows after some bytes: the states that it may be in, and where each byte leads, as far as was asked. */
interface Known<Verdict> {
  states: readonly number[];
  next: (Known<Verdict> | null)[];
  verdict: Verdict | null;
}

/** More than usual patterns ever need; it only bounds the memory for unusual ones. */
const mostKnown = 2000;

/**
 * Looks for several patterns in a text at once, byte by byte, and never goes back: the time is at worst that of the text times
 * the patterns. Which states follow which byte is found out once and remembered, so that usually it is that of the text alone.
 */
export class ByteAutomaton<Verdict extends object> {
  readonly #states: State[] = [];
  readonly #starts: number[] = [];
  readonly #judge: (found: ReadonlySet<number>) => Verdict;
  readonly #known = new Map<string, Known<Verdict>>();
  #first: Known<Verdict> | null = null;

  /** `judge` makes of the patterns that were found, by their numbers, what a search gives. */
  constructor(judge: (found: ReadonlySet<number>) => Verdict) {
    this.#judge = judge;
  }

  /** A new state of a pattern. */
  state(owner: number): number {
    return this.#states.push({ owner, steps: [], free: [], found: false, foundAtEnd: false }) - 1;
  }

  /** The state in which a search begins. */
  start(state: number): void {
    this.#starts.push(state);
  }

  step(from: number, bytes: ByteSet, to: number): void {
    this.#at(from).steps.push({ bytes, to });
  }

  free(from: number, to: number): void {
    this.#at(from).free.push(to);
  }

  /** Here the pattern is found. */
  found(state: number): void {
    this.#at(state).found = true;
    this.step(state, everyByte, state);
  }

  /** Here the pattern is found if nothing follows. */
  foundAtEnd(state: number): void {
    this.#at(state).foundAtEnd = true;
  }

  /** The verdict on a text of one character a byte. */
  search(text: string): Verdict {
    let now = (this.#first ??= this.#know(this.#starts));
    for (let at = 0; at < text.length; at++) {
      const byte = text.charCodeAt(at) & 0xff;
      now = now.next[byte] ??= this.#know(this.#after(now.states, byte));
    }
    return (now.verdict ??= this.#verdict(now.states));
  }

  #at(state: number): State {
    const found = this.#states[state];
    if (found === undefined) throw new RangeError(`there is no state ${state}`);
    return found;
  }

  #after(states: readonly number[], byte: number): number[] {
    return states.flatMap((state) =>
      this.#at(state)
        .steps.filter(({ bytes }) => bytes[byte] === 1)
        .map(({ to }) => to),
    );
  }

  #know(reached: readonly number[]): Known<Verdict> {
    const states = this.#closure(reached);
    const key = states.join(" ");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= mostKnown) this.#forget();
    const made: Known<Verdict> = { states, next: Array.from({ length: 256 }, () => null), verdict: null };
    this.#known.set(key, made);
    return made;
  }

  /** What is remembered is only reached from here, so it goes once the search that goes on has left it. */
  #forget(): void {
    for (const { next } of this.#known.values()) next.fill(null);
    this.#known.clear();
    this.#first = null;
  }

  /** The states and all that are reached from them without a byte; of a pattern that is found, that state alone. */
  #closure(reached: readonly number[]): number[] {
    const all = new Set(reached);
    for (const state of all) for (const more of this.#at(state).free) all.add(more);
    const found = new Set([...all].map((state) => this.#at(state)).flatMap(({ found, owner }) => (found ? owner : [])));
    return [...all]
      .filter((state) => this.#at(state).found || !found.has(this.#at(state).owner))
      .toSorted((a, b) => a - b);
  }

  #verdict(states: readonly number[]): Verdict {
    const reached = states.map((state) => this.#at(state));
    return this.#judge(
      new Set(reached.filter(({ found, foundAtEnd }) => found || foundAtEnd).map(({ owner }) => owner)),
    );
  }
}
