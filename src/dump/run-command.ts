import { asFailure, Failure } from "../failure/failure.ts";
import { createErrorTail } from "./error-tail.ts";
import type { DumpTarget } from "./read-credentials.ts";

export interface LoadCommand {
  /** For people: `loading postgres.sql into db`. */
  what: string;
  command: readonly string[];
  env?: readonly string[];
  input?: AsyncIterable<Uint8Array>;
  secrets: readonly (string | null)[];
}

/** Runs a command in the container to its end; a Failure with its last words, secrets blanked, where its exit code is not 0. */
export async function runCommand({ docker, document, signal }: DumpTarget, wish: LoadCommand): Promise<void> {
  const { what, command, env, input, secrets } = wish;
  const tail = createErrorTail(secrets);
  const { exitCode } = await docker
    .exec(document.Id, {
      command,
      ...(env !== undefined && { env }),
      ...(input !== undefined && { input }),
      signal,
      onOutput: (stream, bytes) => (stream === "stderr" ? tail.add(bytes) : undefined),
    })
    .catch((error: unknown) => {
      const { kind, message, hint } = asFailure(error);
      throw new Failure(kind, `${what} failed: ${message}`, { ...(hint !== undefined && { hint }), cause: error });
    });
  if (exitCode === 0) return;
  const words = tail.text() === "" ? "" : `: ${tail.text()}`;
  throw new Failure("failed", `${what} ended with exit code ${exitCode}${words}`, {
    hint: "the database may hold a part of the dump: mend the cause and load it again",
  });
}
