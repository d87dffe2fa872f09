import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface ProgramWish {
  environment?: Readonly<Record<string, string>>;
  /** What it reads. */
  input?: Readable;
  signal?: AbortSignal;
}

/** Runs a program to its end and gives what it printed; rejects, with its words, where it fails. */
export async function runProgram(words: readonly string[], wish: ProgramWish = {}): Promise<string> {
  wish.signal?.throwIfAborted();
  const [program = "", ...rest] = words;
  const child = spawn(program, rest, {
    env: { ...process.env, ...wish.environment },
    stdio: [wish.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...(wish.signal && { signal: wish.signal }),
  });
  let output = "";
  let errors = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  let failure: unknown = null;
  child.once("error", (error) => (failure = error));
  // Also where it was cancelled: what it cleans up is not to meet what comes next.
  const end = new Promise<number | null>((resolve) => child.once("close", resolve));
  if (wish.input !== undefined && child.stdin !== null) await pipeline(wish.input, child.stdin);
  const code = await end;
  if (failure !== null) throw failure;
  if (code !== 0) throw new Error(`this ended with ${code}: ${words.join(" ")}\n${errors}`);
  return output;
}
