import { closeSync, fsyncSync, openSync, readSync, fstatSync, writeSync } from "node:fs";
import type { RunEvent } from "../contract/run-event.ts";
import { storageFailure } from "../failure/storage-failure.ts";

/** What the writer of an event gives; number and time are added here. */
export type NewEvent = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, "seq" | "at"> : never) : never;

export interface RunLog {
  /** Appends an event. Throws nothing: the run goes on without its log, and `close` tells. */
  append(event: NewEvent, at: Date): void;
  /** Appends an event that must survive a power cut; throws a `storage` Failure. */
  appendDurably(event: NewEvent, at: Date): void;
  close(): void;
}

/**
 * Opens a run's file for appending, `wx` to make it. Lines are written at once and whole, in the caller's order, so the calls
 * are synchronous; each is a few hundred bytes.
 */
export function openRunLog(file: string, flags: "ax" | "a+", lastSeq: number): RunLog {
  let fd: number;
  try {
    fd = openSync(file, flags, 0o600);
  } catch (thrown) {
    throw storageFailure(`can't write the run ${file}`, thrown);
  }
  let seq = lastSeq;
  let torn = flags === "a+" && !endsWithNewline(fd);
  const write = (event: NewEvent, at: Date): void => {
    const line = Buffer.from(
      `${torn ? "\n" : ""}${JSON.stringify({ seq: seq + 1, at: at.toISOString(), ...event })}\n`,
    );
    torn = true;
    for (let written = 0; written < line.length;) written += writeSync(fd, line, written);
    torn = false;
    seq += 1;
  };
  return {
    append: (event, at) => {
      try {
        write(event, at);
      } catch {
        // A full state folder must not end a backup; the end of the run is written with its failure told.
      }
    },
    appendDurably: (event, at) => {
      try {
        write(event, at);
        fsyncSync(fd);
      } catch (thrown) {
        throw storageFailure(`can't write the run ${file}`, thrown);
      }
    },
    close: () => closeSync(fd),
  };
}

function endsWithNewline(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last.toString() === "\n";
}
