/** One thing that was measured. */
export interface Figure {
  what: string;
  figure: string;
  target?: string;
  met?: boolean;
}

/** How long something took, the middle of several times, beside how long it may take. */
export function timeFigure(what: string, times: readonly number[], atMost?: number): Figure {
  const sorted = times.toSorted((one, other) => one - other);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const figure = `${Math.round(middle)} ms`;
  return atMost === undefined ? { what, figure } : { what, figure, target: `${atMost} ms`, met: middle <= atMost };
}

/** Does something several times and gives how many milliseconds each took. */
export async function timesOf(rounds: number, work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return times;
}
