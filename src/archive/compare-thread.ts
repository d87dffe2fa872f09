import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { bigBlockSize } from "./block-hashes.ts";
import { type ComparerMemory, nextJob, takePart } from "./compare-blocks.ts";

/* Helps the reading thread to find the blocks of big files that have not changed. The hashes come before each pass. */
const memory: ComparerMemory = workerData;
const buffer = Buffer.allocUnsafeSlow(bigBlockSize);
let hashes = new Uint8Array();

for (let job = nextJob(memory, 0); job !== null; job = nextJob(memory, job)) {
  for (;;) {
    const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
    if (received === undefined) break;
    hashes = received.message;
  }
  takePart(memory, hashes, buffer);
}
