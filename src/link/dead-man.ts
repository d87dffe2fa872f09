/** Aborts by itself. */
export interface DeadMan {
  readonly signal: AbortSignal;
  /** Aborts now, where it has not yet, and lets timer and listeners go. */
  stop(): void;
}

/** Aborts after `ms`, or as soon as one of the signals does, with that one's reason. */
export function deadMan(ms: number, signals: readonly AbortSignal[]): DeadMan {
  const over = new AbortController();
  const stops = signals.map((signal) => () => end(signal.reason));
  const timer = setTimeout(() => end(new Error("the time is over")), ms);
  const end = (reason?: unknown): void => {
    clearTimeout(timer);
    signals.forEach((signal, at) => signal.removeEventListener("abort", stops[at] ?? end));
    over.abort(reason);
  };
  signals.forEach((signal, at) => signal.addEventListener("abort", stops[at] ?? end, { once: true }));
  const early = signals.find((signal) => signal.aborted);
  if (early !== undefined) end(early.reason);
  return { signal: over.signal, stop: () => end() };
}
