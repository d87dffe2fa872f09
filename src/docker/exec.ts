import type { Duplex, Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type Dockerode from "dockerode";
import { z } from "zod";
import { asFailure, errorCode, Failure } from "../failure/failure.ts";
import type { Ask } from "./ask.ts";
import { demultiplex, type OutputStream } from "./demultiplex.ts";
import { writeInput } from "./write-input.ts";

export interface ExecRequest {
  /** The program and its arguments; there is no shell unless it is one. */
  command: readonly string[];
  /** The container's own user when not given. */
  user?: string;
  /** `NAME=value`, besides the container's environment. */
  env?: readonly string[];
  /** Written to standard input, which is closed at its end; closed from the beginning when not given. */
  input?: AsyncIterable<Uint8Array>;
  /** Given every piece as it comes; the next is read once it is done with this one. */
  onOutput?(stream: OutputStream, bytes: Buffer): void | Promise<void>;
  /** The longest it may take; without an end when not given. */
  limitMs?: number;
  signal: AbortSignal;
}

interface ExecResult {
  exitCode: number;
}

/** Commands inside containers. */
export interface Execs {
  /**
   * Runs a command in a running container to its end. An exit code other than 0 is a result, not a failure. A Failure where
   * the container does not run, has no such program, or ended in the middle; where the time limit was reached; and of kind
   * `cancelled`. The engine can't end a command: after those two it may still run, which the message says.
   */
  exec(id: string, request: ExecRequest): Promise<ExecResult>;
}

const createAnswer = z.looseObject({ Id: z.string() });
const inspectAnswer = z.looseObject({ Running: z.boolean(), ExitCode: z.number().nullish() });

/** What the engine says in place of a command's output, where it could not start it, is one line of this length at most. */
const longestWords = 8192;
const firstLookMs = 5;
const longestLookMs = 500;
const killed = 137;
/** How long a container that took its commands along may still count as running. */
const endingMs = 1000;

export function createExecs(ask: Ask): Execs {
  return {
    async exec(id, request) {
      const { command, signal, limitMs } = request;
      const program = command[0] ?? "";
      const name = `${program} in ${shortId(id)}`;
      signal.throwIfAborted();
      const limit = limitMs === undefined ? undefined : AbortSignal.timeout(limitMs);
      const stop = limit === undefined ? signal : AbortSignal.any([signal, limit]);
      const connection = new AbortController();
      try {
        const execId = await create(id, request, stop);
        const hasInput = request.input !== undefined;
        // The stream lives longer than the time that its beginning may take, so it has a signal of its own.
        const open = async (client: Dockerode) =>
          client.getExec(execId).start({ hijack: hasInput, stdin: hasInput, abortSignal: connection.signal });
        const stream = await ask(`run ${name}`, open, { signal: stop });
        const destroy = (): void => void stream.destroy();
        stop.addEventListener("abort", destroy, { once: true });
        try {
          stop.throwIfAborted();
          const words = await talk(stream, request);
          const exitCode = await waitForEnd(id, execId, stop);
          if (words !== null) await judgeWords(words, exitCode, name, request);
          return { exitCode };
        } finally {
          stop.removeEventListener("abort", destroy);
          stream.destroy();
        }
      } catch (error) {
        if (signal.aborted)
          throw new Failure("cancelled", `${asFailure(signal.reason).message}; ${name} may still be running`, {
            cause: signal.reason,
          });
        if (limit?.aborted === true && limitMs !== undefined)
          throw new Failure("failed", `${name} did not end within ${limitMs / 1000} s, and may still be running`, {
            hint: `see what it waits for: \`docker top ${shortId(id)}\``,
            cause: error,
          });
        throw explain(error, name);
      } finally {
        connection.abort();
      }
    },
  };

  async function create(id: string, { command, user, env, input }: ExecRequest, signal: AbortSignal): Promise<string> {
    const wish = {
      Cmd: [...command],
      AttachStdin: input !== undefined,
      AttachStdout: true,
      AttachStderr: true,
      ...(user === undefined ? {} : { User: user }),
      ...(env === undefined ? {} : { Env: [...env] }),
    };
    const call = async (client: Dockerode, abortSignal: AbortSignal) =>
      client.getContainer(id).exec({ ...wish, abortSignal });
    return createAnswer.parse({ Id: (await ask(`run ${command[0]} in ${shortId(id)}`, call, { signal })).id }).Id;
  }

  /** The output ends before the engine knows the exit code, and may end long before the command. */
  async function waitForEnd(id: string, execId: string, signal: AbortSignal): Promise<number> {
    for (let lookMs = firstLookMs; ; lookMs = Math.min(lookMs * 2, longestLookMs)) {
      const look = async (client: Dockerode, abortSignal: AbortSignal) =>
        client.getExec(execId).inspect({ abortSignal });
      const answer = await ask(`look at a command in ${shortId(id)}`, look, { signal });
      const { Running, ExitCode } = inspectAnswer.parse(answer);
      const exitCode = Running ? null : (ExitCode ?? null);
      // The engine tells of a command that its container took along as of one that was killed, or as running for ever.
      if (exitCode === killed) await requireRunning(id, endingMs, signal);
      else if (exitCode === null && lookMs === longestLookMs) await requireRunning(id, 0, signal);
      if (exitCode !== null) return exitCode;
      await delay(lookMs, undefined, { signal });
    }
  }

  /** Throws where the container has ended, or ends within so many ms. */
  async function requireRunning(id: string, withinMs: number, signal: AbortSignal): Promise<void> {
    const until = performance.now() + withinMs;
    for (;;) {
      const look = async (client: Dockerode, abortSignal: AbortSignal) =>
        client.getContainer(id).inspect({ abortSignal });
      const { State } = await ask(`inspect ${id}`, look, { signal });
      if (!State.Running) throw new Failure("failed", `the container ${shortId(id)} ended in the middle`);
      if (performance.now() >= until) return;
      await delay(endingMs / 10, undefined, { signal });
    }
  }
}

/** Passes input and output on until the output ends. Gives back what may be the engine's own words in place of output. */
async function talk(stream: Duplex, { input, onOutput }: ExecRequest): Promise<Buffer | null> {
  const writing = input === undefined ? Promise.resolve() : writeInput(input, stream);
  // What it throws is awaited below; it must not be unhandled until then.
  writing.catch(() => stream.destroy());
  let isFirst = true;
  let words: Buffer | null = null;
  try {
    for await (const { stream: name, bytes } of demultiplex(untilBroken(stream))) {
      if (words !== null) await onOutput?.("stdout", words);
      words = isFirst && name === "stdout" && mayBeWords(bytes) ? bytes : null;
      if (words === null) await onOutput?.(name, bytes);
      isFirst = false;
    }
  } finally {
    stream.destroy();
    await writing;
  }
  return words;
}

function mayBeWords(bytes: Buffer): boolean {
  return bytes.length <= longestWords && bytes.toString("latin1", bytes.length - 2) === "\r\n";
}

/** A connection that the engine cuts is the end of the output like any other: the exit code tells what it was. */
async function* untilBroken(stream: Readable): AsyncGenerator<Buffer> {
  try {
    yield* stream;
  } catch (error) {
    if (!["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"].includes(errorCode(error) ?? "")) throw error;
  }
}

/** The words are output after all where the exit code is not one of those that the engine gives in such a case. */
async function judgeWords(words: Buffer, exitCode: number, name: string, request: ExecRequest): Promise<void> {
  if (exitCode !== 126 && exitCode !== 127) return request.onOutput?.("stdout", words);
  const text = words.toString().trim();
  const why = /exec(?:utable)? file not found|no such file or directory/u.test(text)
    ? "the container has no such program"
    : text.replace(/^OCI runtime exec failed: /u, "");
  throw new Failure("failed", `could not run ${name}: ${why}`, {
    hint: 'it runs in the container, and without a shell unless it names one: `sh -c "…"`',
  });
}

function explain(error: unknown, name: string): unknown {
  const cause = error instanceof Failure ? error.cause : undefined;
  const status = typeof cause === "object" && cause !== null && "statusCode" in cause ? cause.statusCode : undefined;
  if (status !== 409) return error;
  const isPaused = /paused/u.test(asFailure(cause).message.replace("stopped/paused", ""));
  return new Failure("failed", `could not run ${name}: the container ${isPaused ? "is paused" : "does not run"}`, {
    hint: `see its state: \`docker ps --all\`, and ${isPaused ? "`docker unpause`" : "`docker start`"} it`,
    cause: error,
  });
}

function shortId(id: string): string {
  return /^[0-9a-f]{64}$/u.test(id) ? id.slice(0, 12) : id;
}
