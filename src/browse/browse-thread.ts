import { parentPort } from "node:worker_threads";
import { asFailure } from "../failure/failure.ts";
import { compare, listFolder, peek, search } from "./answer-question.ts";
import type { Answer, AskOrder, BrowseOrder, BrowseReply, QuestionKind } from "./browse-message.ts";
import { TableCache } from "./table-cache.ts";

/** What the indexes in memory may take together: one of a million entries and some more; two are kept in any case. */
const cacheBytes = 256 * 1024 * 1024;

/** Answers what is asked of indexes, in a thread of its own: a million entries would keep all else waiting. */
function answerAll(port: NonNullable<typeof parentPort>): void {
  const cache = new TableCache(cacheBytes);
  const going = new Map<number, AbortController>();

  async function answer(order: AskOrder, signal: AbortSignal): Promise<Answer<QuestionKind>> {
    if (order.kind === "peek") return peek(cache.peek(order.question.index), order.question);
    const table = await cache.get(order.question.index, signal);
    switch (order.kind) {
      case "folder":
        return listFolder(table, order.question);
      case "search":
        return search(table, order.question);
      case "compare":
        return compare(table, await cache.get(order.question.before, signal), order.question);
    }
  }

  async function reply(order: AskOrder): Promise<void> {
    const cancel = new AbortController();
    const { number } = order;
    going.set(number, cancel);
    let told: BrowseReply;
    try {
      told = { number, answer: await answer(order, cancel.signal) };
    } catch (thrown) {
      const { kind, message, hint } = asFailure(thrown);
      told = { number, failure: { kind, message, hint } };
    }
    going.delete(number);
    port.postMessage(told);
  }

  port.on("message", (order: BrowseOrder) => {
    if (order.type === "cancel") going.get(order.number)?.abort();
    else void reply(order);
  });
}

if (parentPort === null) throw new Error("this runs as a worker thread only");
answerAll(parentPort);
