import type { Outbox } from "./outbox.ts";
import type { BatchEntry, ReadEntry } from "./read-message.ts";

/** As many entries as fill a slab at the usual size; were it more, tiny files by the thousand would be on their way at one time. */
const batchLimit = 128;

/** Sends entries to the archiving thread, small ones together in slabs. */
export interface Sender {
  /** A place for a small content, to be filled before `sendSmall`. */
  reserve(length: number): Uint8Array<ArrayBuffer>;
  /** An entry with the content that was put into the reserved place; without content where `length` is 0. */
  sendSmall(entry: ReadEntry, length: number): void;
  /** Content follows: `freshSlab` and `sendChunk`, then `endBig`. */
  startBig(entry: ReadEntry): void;
  freshSlab(): Uint8Array<ArrayBuffer>;
  sendChunk(bytes: Uint8Array<ArrayBuffer>): void;
  /** Of that content come so many blocks that are the same as earlier ones, from `block` on. */
  sendSame(block: number, count: number): void;
  /** Of that content comes one block that is like an earlier one, but for the pieces in the mask. */
  sendPatch(block: number, mask: number, bytes: Uint8Array<ArrayBuffer>): void;
  endBig(): void;
  /** Sends what has gathered. */
  flush(): void;
}

export function createSender(outbox: Outbox): Sender {
  let slab = outbox.freshSlab();
  let used = 0;
  let batch: BatchEntry[] = [];

  function flush(): void {
    if (batch.length === 0) return;
    outbox.sendBytes({ type: "batch", slab, entries: batch }, slab);
    slab = outbox.freshSlab();
    used = 0;
    batch = [];
  }

  return {
    reserve(length) {
      if (used + length > slab.length) flush();
      return slab.subarray(used, used + length);
    },
    sendSmall(entry, length) {
      batch.push({ entry, at: used, length });
      used += length;
      if (batch.length >= batchLimit || used >= slab.length - 4096) flush();
    },
    startBig(entry) {
      batch.push({ entry, at: used });
      flush();
    },
    freshSlab: () => outbox.freshSlab(),
    sendChunk: (bytes) => outbox.sendBytes({ type: "chunk", bytes }, bytes),
    sendSame: (block, count) => outbox.send({ type: "same", block, count }),
    sendPatch: (block, mask, bytes) => outbox.sendBytes({ type: "patch", block, mask, bytes }, bytes),
    endBig: () => outbox.send({ type: "file-end" }),
    flush,
  };
}
