import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { DumpTarget } from "./read-credentials.ts";

export interface StreamedCommand {
  command: readonly string[];
  env?: readonly string[];
  input?: AsyncIterable<Uint8Array>;
  onError(bytes: Buffer): void;
}

/**
 * What a command in a container prints, at the reader's pace; ends with its exit code. Whoever stops reading before ends the
 * waiting for it.
 */
export async function* commandOutput(
  { docker, document, signal }: DumpTarget,
  { command, env, input, onError }: StreamedCommand,
): AsyncGenerator<Buffer, number> {
  const given = new AbortController();
  const stop = AbortSignal.any([signal, given.signal]);
  const pipe = new PassThrough();
  const running = docker
    .exec(document.Id, {
      command,
      ...(env !== undefined && { env }),
      ...(input !== undefined && { input }),
      signal: stop,
      async onOutput(stream, bytes) {
        if (stream === "stderr") onError(bytes);
        else if (!pipe.write(bytes)) await once(pipe, "drain", { signal: stop });
      },
    })
    .then(
      (result) => {
        pipe.end();
        return result;
      },
      (error: unknown) => {
        pipe.destroy(error instanceof Error ? error : new Error(String(error)));
        throw error;
      },
    );
  running.catch(() => undefined); // awaited below, or given up
  try {
    yield* pipe;
    return (await running).exitCode;
  } finally {
    given.abort();
  }
}
