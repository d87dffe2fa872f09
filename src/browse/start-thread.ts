import { Worker } from "node:worker_threads";
import { Failure } from "../failure/failure.ts";
import type { Browser } from "./open-browser.ts";
import type { Answer, AskOrder, BrowseOrder, BrowseReply, FailureText } from "./browse-message.ts";

/** The thread that has the indexes in its memory. */
export interface BrowseThread extends Pick<Browser, "ask"> {
  /** Whether a question waits for its answer. */
  isBusy(): boolean;
  hasEnded(): boolean;
  end(): Promise<void>;
}

interface Waiting {
  // Each takes the answer to its own question, which the compiler can't follow through the number.
  resolve: (answer: never) => void;
  reject: (failure: Failure) => void;
}

/** Starts the thread. It keeps the program from ending while a question waits, and only then. */
export function startThread(): BrowseThread {
  const worker = new Worker(new URL("browse-thread.ts", import.meta.url));
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let ended = false;

  function failAll(cause?: unknown): void {
    ended = true;
    for (const { reject } of waiting.values())
      reject(new Failure("failed", "the thread that reads indexes has ended", { cause }));
    waiting.clear();
  }
  worker.on("error", failAll);
  worker.on("exit", () => failAll());
  worker.on("message", (reply: BrowseReply) => {
    const one = waiting.get(reply.number);
    waiting.delete(reply.number);
    if (waiting.size === 0) worker.unref();
    if ("failure" in reply) one?.reject(failureOf(reply.failure));
    else one?.resolve(reply.answer as never);
  });

  return {
    async ask(kind, question, signal) {
      signal.throwIfAborted();
      const number = (asked += 1);
      const { promise, resolve, reject } = Promise.withResolvers<Answer<typeof kind>>();
      const post = (order: BrowseOrder): void => worker.postMessage(order);
      const cancel = (): void => post({ type: "cancel", number });
      waiting.set(number, { resolve, reject });
      worker.ref();
      signal.addEventListener("abort", cancel, { once: true });
      try {
        post({ type: "ask", number, kind, question } as AskOrder);
        return await promise;
      } finally {
        signal.removeEventListener("abort", cancel);
      }
    },
    isBusy: () => waiting.size > 0,
    hasEnded: () => ended,
    async end() {
      ended = true;
      await worker.terminate();
    },
  };
}

function failureOf({ kind, message, hint }: FailureText): Failure {
  return new Failure(kind, message, hint === undefined ? {} : { hint });
}
