import { asFailure, Failure } from "../failure/failure.ts";
import type { DumpTarget } from "./read-credentials.ts";

const tryMs = 30_000;

/** The first of these programs that the container has. A Failure of kind `missing` where it has none; another where it can't be asked. */
export async function findProgram(
  { docker, document, signal }: DumpTarget,
  names: readonly [string, ...string[]],
): Promise<string> {
  let last: unknown;
  for (const name of names) {
    try {
      await docker.exec(document.Id, { command: [name, "--version"], signal, limitMs: tryMs });
      return name;
    } catch (error) {
      if (signal.aborted) throw error;
      last = error;
    }
  }
  const { kind, message } = asFailure(last);
  const container = document.Name.slice(1);
  if (!message.endsWith("the container has no such program"))
    throw new Failure(kind, `could not look for ${names[0]} in the container ${container}: ${message}`, {
      cause: last,
    });
  throw new Failure("missing", `the container ${container} has no ${names.join(" and no ")}`, {
    hint: "see whether davit.dump names the right database, on the container that the database runs in",
  });
}
