import type { Answer, Question, QuestionKind } from "./browse-message.ts";
import { type BrowseThread, startThread } from "./start-thread.ts";

/** Looks into the indexes of sealed backups, quickly also where they have a million entries. */
export interface Browser {
  /**
   * Answers one question. An index is read at the first one, and stays in memory as long as there is room. Throws `missing`
   * for a path that is not there, `damaged` for an index that can't be read, `cancelled` once `signal` aborts: then the
   * reading ends, unless somebody else waits for it.
   */
  ask<K extends QuestionKind>(kind: K, question: Question<K>, signal: AbortSignal): Promise<Answer<K>>;
  /** Gives the memory back; what is being asked fails. */
  close(): Promise<void>;
}

/** How long the thread and its memory are kept where nobody asks anything. */
const idleMs = 10 * 60_000;

/** A browser; it has no thread before the first question, and none again some time after the last. */
export function openBrowser(keptMs = idleMs): Browser {
  let thread: BrowseThread | null = null;
  let idle: NodeJS.Timeout | undefined;

  async function close(): Promise<void> {
    clearTimeout(idle);
    const ending = thread;
    thread = null;
    await ending?.end();
  }

  return {
    async ask(kind, question, signal) {
      clearTimeout(idle);
      if (thread === null || thread.hasEnded()) thread = startThread();
      const asked = thread;
      try {
        return await asked.ask(kind, question, signal);
      } finally {
        clearTimeout(idle);
        if (asked === thread && !asked.isBusy()) idle = setTimeout(() => void close(), keptMs).unref();
      }
    },
    close,
  };
}
