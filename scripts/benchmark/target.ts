import type { Measurement } from "./measure.ts";

/** What Davit is to reach, and what it did reach. */
export interface Target {
  what: string;
  figure: string;
  met: boolean;
}

export type Measurements = ReadonlyMap<string, Measurement>;

const memoryLimit = 300e6;

/** Compares one measured program, `name`, with what is asked of it. */
export function targetsOf(name: string, measurements: Measurements) {
  const get = (one: string): Measurement => {
    const found = measurements.get(one);
    if (found === undefined) throw new Error(`${one} was not measured`);
    return found;
  };
  const own = get(name);
  return {
    timesAsFast(other: string, least: number): Target {
      const ratio = get(other).seconds / own.seconds;
      return { what: `at least ${least} times as fast as ${other}`, figure: ratio.toFixed(2), met: ratio >= least };
    },
    noLarger(other: string): Target {
      const ratio = own.bytes / get(other).bytes;
      return { what: `no larger than ${other}`, figure: ratio.toFixed(3), met: ratio <= 1 };
    },
    memory(): Target {
      return {
        what: "less than 300 MB of memory",
        figure: `${Math.round(own.peakBytes / 1e6)} MB`,
        met: own.peakBytes < memoryLimit,
      };
    },
    /** A tenth more is allowed: the heap of a short run does not reach its size. */
    noMoreMemory(other: string): Target {
      const ratio = own.peakBytes / get(other).peakBytes;
      return { what: `at most 1.1 times the memory of ${other}`, figure: ratio.toFixed(2), met: ratio <= 1.1 };
    },
    seconds(most: number): Target {
      return { what: `less than ${most} s`, figure: `${own.seconds.toFixed(2)} s`, met: own.seconds < most };
    },
  };
}
