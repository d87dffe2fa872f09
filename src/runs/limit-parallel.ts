/**
 * Does `work` once a slot is free; first come, first served. Rejects with the signal's reason while it waits. `onWait` is called
 * where none is free at once.
 */
export type Slots = <T>(work: () => Promise<T>, signal?: AbortSignal, onWait?: () => void) => Promise<T>;

/** Slots for at most `parallel` pieces of work together, in this process. */
export function limitParallel(parallel: number): Slots {
  let free = parallel;
  const waiting = new Set<() => void>();
  const take = async (signal: AbortSignal | undefined, onWait: (() => void) | undefined): Promise<void> => {
    signal?.throwIfAborted();
    if (free > 0) {
      free -= 1;
      return;
    }
    onWait?.();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancel = (): void => {
      waiting.delete(resolve);
      reject(signal?.reason);
    };
    waiting.add(resolve);
    signal?.addEventListener("abort", cancel, { once: true });
    await promise.finally(() => signal?.removeEventListener("abort", cancel));
  };
  const giveBack = (): void => {
    const [next] = waiting;
    if (next === undefined) {
      free += 1;
      return;
    }
    // The slot goes straight to the next one, so that nobody who comes later can take it first.
    waiting.delete(next);
    next();
  };
  return async (work, signal, onWait) => {
    await take(signal, onWait);
    try {
      return await work();
    } finally {
      giveBack();
    }
  };
}
