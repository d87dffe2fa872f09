import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import type { PassKind } from "../contract/archive-session.ts";
import { inFlightLimit, passKinds, type ReadMessage, slabSize } from "./read-message.ts";

/** The reading thread's side of the channel to the archiving one. */
export interface Outbox {
  send(message: ReadMessage): void;
  /** Sends `bytes` over without a copy; waits while too much is on its way. */
  sendBytes(message: ReadMessage, bytes: Uint8Array<ArrayBuffer>): void;
  /** A slab that the other side is done with, or a new one. */
  freshSlab(): Uint8Array<ArrayBuffer>;
  /** Waits until the other side says what kind of pass it is to be. */
  awaitStart(): PassKind;
  /** Throws `Cancelled` where the other side asked for an end. */
  stopIfCancelled(): void;
}

/** The other side wants nothing more: the thread closes what it has open and ends. */
export class Cancelled extends Error {}

/** `brake` is that of the `ReadOrder`. */
export function createOutbox(brake: Int32Array<SharedArrayBuffer>): Outbox {
  if (parentPort === null) throw new Error("the reading half of the archive stage runs as a worker thread only");
  const port = parentPort;

  function stopIfCancelled(): void {
    if (Atomics.load(brake, 1) !== 0) throw new Cancelled();
  }

  return {
    awaitStart() {
      port.postMessage({ type: "ready" } satisfies ReadMessage);
      Atomics.wait(brake, 2, 0);
      stopIfCancelled();
      const kind = passKinds[Atomics.load(brake, 2)] ?? null;
      if (kind === null) throw new Error("a pass was begun of no kind");
      return kind;
    },
    send: (message) => port.postMessage(message),
    sendBytes(message, bytes) {
      Atomics.add(brake, 0, slabSize);
      port.postMessage(message, [bytes.buffer]);
      for (let flying = Atomics.load(brake, 0); flying > inFlightLimit; flying = Atomics.load(brake, 0)) {
        stopIfCancelled();
        Atomics.wait(brake, 0, flying, 1000);
      }
      stopIfCancelled();
    },
    freshSlab() {
      const returned = receiveMessageOnPort(port);
      return returned === undefined ? new Uint8Array(slabSize) : new Uint8Array(returned.message);
    },
    stopIfCancelled,
  };
}
