import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { FailureKind } from "../contract/failure-kind.ts";
import { Failure } from "../failure/failure.ts";

/** What a program left behind. */
export interface ProgramResult {
  /** Its exit code; null where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface ProgramOrder {
  /** The program's name, looked up in the path, or its absolute path. */
  program: string;
  /** Each reaches the program as it is: there is no shell. */
  args: readonly string[];
  /** Written to its standard input, which is then closed. */
  input?: string;
  /** Added to the environment that Davit was started with, whose locale is always C. */
  environment?: Readonly<Record<string, string>>;
  /** Where it runs, for names that it is given without a folder; Davit's own where it is not given. */
  folder?: string;
  /** Open files that it gets as its own 3, 4 and so on; who opened them closes them once it has ended. */
  descriptors?: readonly number[];
  timeoutMs: number;
  signal: AbortSignal;
  /** What to do where it isn't installed, and where it took too long. */
  hints?: { missing?: string; late?: string };
  /** Told each line of standard output as it comes. */
  onLine?(line: string): void;
}

/** More output than this is cut off at the front: what went wrong is said at the end. */
const keptOutput = 4 * 1024 * 1024;
/** Between SIGTERM and SIGKILL. */
const graceMs = 5000;

/**
 * Runs a program to its end, whatever its exit code. Throws a `missing` Failure where it isn't installed, a `failed` one where
 * it took longer than its time limit, and a `cancelled` one on the signal; it has ended by then.
 */
export async function runProgram(order: ProgramOrder): Promise<ProgramResult> {
  const { program, args, input = "", environment = {}, folder, descriptors = [], signal, hints = {}, onLine } = order;
  if (signal.aborted) throw new Failure("cancelled", `${program} was not started: cancelled`);
  const child = spawn(program, args, {
    env: { ...process.env, LC_ALL: "C", LANGUAGE: "C", ...environment },
    ...(folder !== undefined && { cwd: folder }),
    stdio: ["pipe", "pipe", "pipe", ...descriptors],
    // A group of its own: a Ctrl-C at the terminal is for Davit alone, and what the program starts ends with it.
    detached: true,
  });
  let end: Failure | null = null;
  let killing: NodeJS.Timeout | undefined;
  const stop = (failure: Failure): void => {
    end ??= failure;
    killGroup(child.pid, "SIGTERM");
    killing ??= setTimeout(() => killGroup(child.pid, "SIGKILL"), graceMs);
  };
  const onAbort = (): void => stop(new Failure("cancelled", `${program} was cancelled`));
  const limit = setTimeout(
    () => stop(failed(`${program} did not end within ${order.timeoutMs / 1000} s and was stopped`, hints.late)),
    order.timeoutMs,
  );
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", (error: NodeJS.ErrnoException) =>
        reject(
          error.code === "ENOENT"
            ? failed(`${program} is not installed`, hints.missing, "missing")
            : new Failure("failed", `${program} could not be started: ${error.message}`, { cause: error }),
        ),
      );
      child.once("close", resolve);
    });
    child.stdin?.on("error", () => undefined); // a program need not read what it is given
    child.stdin?.end(input);
    const [code, stdout, stderr] = await Promise.all([ended, collect(child.stdout, onLine), collect(child.stderr)]);
    if (end !== null) throw end;
    return { code, stdout, stderr };
  } finally {
    clearTimeout(limit);
    clearTimeout(killing);
    signal.removeEventListener("abort", onAbort);
  }
}

function failed(message: string, hint?: string, kind: FailureKind = "failed"): Failure {
  return new Failure(kind, message, hint === undefined ? {} : { hint });
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

async function collect(stream: Readable | null, onLine?: (line: string) => void): Promise<string> {
  if (stream === null) return "";
  stream.setEncoding("utf8");
  let text = "";
  let line = "";
  for await (const chunk of stream) {
    text = (text + String(chunk)).slice(-keptOutput);
    if (onLine === undefined) continue;
    const lines = (line + String(chunk)).split(/\r\n|[\r\n]/u);
    line = lines.pop() ?? "";
    for (const one of lines) onLine(one);
  }
  if (onLine !== undefined && line !== "") onLine(line);
  return text;
}
