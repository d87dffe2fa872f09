import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type ComparerMemory, createComparerMemory, stopComparers } from "./compare-blocks.ts";

/** Threads that help the reading thread; more would wait for the disk. */
const mostThreads = 4;

/** The threads that find the blocks of big files that have not changed, beside the reading thread. */
export interface Comparers {
  memory: ComparerMemory;
  /** Gives them the hashes of all blocks that there are, before a pass begins. */
  know(hashes: Uint8Array<SharedArrayBuffer>): void;
  stop(): Promise<void>;
}

/** How many threads can help the reading one here. */
export function usefulComparers(): number {
  return Math.min(availableParallelism(), mostThreads) - 1;
}

/** Starts that many, before they are needed: what they are for goes on under hold. */
export function startComparers(count: number): Comparers {
  const memory = createComparerMemory();
  const threads = Array.from(
    { length: count },
    () => new Worker(new URL("compare-thread.ts", import.meta.url), { workerData: memory }),
  );
  // One that fails takes no more part: the reading thread does it all.
  for (const thread of threads) thread.on("error", () => undefined);
  return {
    memory,
    know(hashes) {
      for (const thread of threads) thread.postMessage(hashes);
    },
    async stop() {
      stopComparers(memory);
      await Promise.all(threads.map(async (thread) => thread.terminate()));
    },
  };
}
