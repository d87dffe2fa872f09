import { spawn } from "node:child_process";
import { once } from "node:events";
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
  const end = once(child, "close");
  if (wish.input !== undefined && child.stdin !== null) await pipeline(wish.input, child.stdin);
  const [code]: unknown[] = await end;
  if (code !== 0) throw new Error(`this ended with ${String(code)}: ${words.join(" ")}\n${errors}`);
  return output;
}
