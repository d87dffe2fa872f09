import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { ArchiveResult, PassKind } from "../contract/archive-session.ts";
import { toDisplay } from "../format/byte-path.ts";
import type { Feeder } from "./feeder.ts";
import {
  type Cloned,
  type EarlierPass,
  passKinds,
  type ReadMessage,
  type ReadOrder,
  slabSize,
} from "./read-message.ts";

/** How long the thread has to close its files: a disk that hangs must not hold up the end of a run. */
const closingMs = 5000;
/** Changed paths that are listed by name; the rest is counted. */
const listedChanges = 1000;

/** What a pass tells besides the entries. */
export type PassNotes = Pick<ArchiveResult, "changed" | "changedTotal" | "excluded" | "skipped">;

export interface PassRead {
  notes: PassNotes;
  began: EarlierPass["began"];
  /** Records in the pass's catalog. */
  records: number;
}

/** A reading thread that has everything it needs, and waits: what it does for a catch-up goes on under hold. */
export interface PreparedReader {
  /** Resolves once it waits. */
  ready: Promise<void>;
  /**
   * Lets it begin, once: a pass of this kind. What it reads goes to the feeder, and to `onCloned` what it has cloned, if it is
   * a snapshot. Resolves when all was read and handed over.
   */
  run(kind: PassKind, feeder: Feeder, onCloned: (cloned: Cloned) => void): Promise<PassRead>;
  /** Ends the thread, wherever it is. */
  stop(): Promise<void>;
}

export function prepareReader(order: Omit<ReadOrder, "brake">): PreparedReader {
  const brake = new Int32Array(new SharedArrayBuffer(12));
  const worker = new Worker(new URL("reader-thread.ts", import.meta.url), {
    workerData: { ...order, brake } satisfies ReadOrder,
    trackUnmanagedFds: false, // it opens files by calls that Node does not see, and closes them itself
  });
  const exited = once(worker, "exit");
  exited.catch(() => undefined); // an error of the thread is told by `done`
  let stopped = false;
  const notes: PassNotes = { changed: [], changedTotal: 0, excluded: [], skipped: [] };

  const giveBack = (bytes: Uint8Array<ArrayBuffer>): void => {
    Atomics.sub(brake, 0, slabSize);
    Atomics.notify(brake, 0);
    worker.postMessage(bytes.buffer, [bytes.buffer]);
  };

  const ready = Promise.withResolvers<void>();
  let receive: ((message: ReadMessage) => PassRead | null) | null = null;
  const done = new Promise<PassRead>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", () => reject(new Error("the reading thread ended before it was done")));
    worker.on("message", (message: ReadMessage) => {
      if (stopped) return;
      try {
        if (message.type === "ready") ready.resolve();
        const read = receive?.(message) ?? null;
        if (read !== null) resolve(read);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
  done.catch(ready.reject); // told by `run` as well
  ready.promise.catch(() => undefined);

  function take(message: ReadMessage, feeder: Feeder, onCloned: (cloned: Cloned) => void): PassRead | null {
    switch (message.type) {
      case "batch":
        feeder.batch(Buffer.from(message.slab.buffer), message.entries, () => giveBack(message.slab));
        break;
      case "chunk": {
        const { buffer, byteOffset, length } = message.bytes;
        feeder.chunk(Buffer.from(buffer, byteOffset, length), () => giveBack(message.bytes));
        break;
      }
      case "same":
        feeder.same(message.block, message.count);
        break;
      case "patch": {
        const { block, mask, bytes } = message;
        feeder.patch(block, { mask, bytes }, () => giveBack(bytes));
        break;
      }
      case "file-end":
        feeder.fileEnd();
        break;
      case "changed":
        notes.changedTotal += 1;
        if (notes.changed.length < listedChanges) {
          notes.changed.push({ path: toDisplay(message.path), what: message.what });
        }
        break;
      case "skipped":
        if (notes.skipped.length < listedChanges) {
          notes.skipped.push({ path: toDisplay(message.path), reason: message.reason });
        }
        break;
      case "cloned":
        onCloned(message);
        break;
      case "done":
        notes.excluded = message.excluded;
        return { notes, began: message.began, records: message.records };
    }
    return null;
  }

  return {
    ready: ready.promise,
    async run(kind, feeder, onCloned) {
      receive = (message) => take(message, feeder, onCloned);
      Atomics.store(brake, 2, passKinds.indexOf(kind));
      Atomics.notify(brake, 2);
      return done;
    },
    async stop() {
      stopped = true;
      Atomics.store(brake, 1, 1);
      Atomics.notify(brake, 0);
      Atomics.compareExchange(brake, 2, 0, 1);
      Atomics.notify(brake, 2);
      const timeout = AbortSignal.timeout(closingMs);
      await Promise.race([exited, once(timeout, "abort")]).catch(() => undefined);
      await worker.terminate();
    },
  };
}
