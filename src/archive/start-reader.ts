import { Worker } from "node:worker_threads";
import type { Manifest } from "../contract/manifest.ts";
import { toDisplay } from "../format/byte-path.ts";
import type { Feeder } from "./feeder.ts";
import { type ReadMessage, type ReadOrder, slabSize } from "./read-message.ts";

/** Changed paths that are listed by name; the rest is counted. */
const listedChanges = 1000;

type Notes = Pick<Manifest, "changed" | "changedTotal" | "excluded"> & { skipped: { path: string; reason: string }[] };

export interface Reader {
  /** Resolves when all was read and handed to the feeder. */
  done: Promise<void>;
  /** Ends the thread, wherever it is. */
  stop(): Promise<void>;
  notes(): Notes;
}

/** Starts the reading thread; what it sends goes to the feeder. */
export function startReader(order: Omit<ReadOrder, "brake">, feeder: Feeder): Reader {
  const brake = new Int32Array(new SharedArrayBuffer(8));
  const { sources, exclude, skip } = order;
  const worker = new Worker(new URL("reader-thread.ts", import.meta.url), {
    workerData: { sources, exclude, skip, brake } satisfies ReadOrder,
  });
  let stopped = false;
  const notes: Notes = { changed: [], changedTotal: 0, excluded: [], skipped: [] };

  const giveBack = (bytes: Uint8Array<ArrayBuffer>): void => {
    Atomics.sub(brake, 0, slabSize);
    Atomics.notify(brake, 0);
    worker.postMessage(bytes.buffer, [bytes.buffer]);
  };

  const done = new Promise<void>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", () => reject(new Error("the reading thread ended before it was done")));
    worker.on("message", (message: ReadMessage) => {
      if (stopped) return;
      try {
        if (take(message)) resolve();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
  done.catch(() => undefined); // awaited by whoever started the reader

  function take(message: ReadMessage): boolean {
    switch (message.type) {
      case "batch":
        feeder.batch(Buffer.from(message.slab.buffer), message.entries, () => giveBack(message.slab));
        break;
      case "chunk": {
        const { buffer, byteOffset, length } = message.bytes;
        feeder.chunk(Buffer.from(buffer, byteOffset, length), () => giveBack(message.bytes));
        break;
      }
      case "file-end":
        feeder.fileEnd(message.sha256);
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
      case "done":
        notes.excluded = message.excluded;
        return true;
    }
    return false;
  }

  return {
    done,
    notes: () => notes,
    async stop() {
      stopped = true;
      Atomics.store(brake, 1, 1);
      Atomics.notify(brake, 0);
      await worker.terminate();
    },
  };
}
