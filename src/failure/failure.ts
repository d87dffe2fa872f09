import type { FailureKind } from "../contract/failure-kind.ts";

/**
 * What went wrong, in the four parts that a person needs. `kind` decides the exit code (docs/cli.md) and the HTTP status;
 * `message` says what failed and names the thing (lower case, no full stop); `hint` says what to do next.
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;
  readonly hint: string | undefined;

  constructor(kind: FailureKind, message: string, more: { hint?: string; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.kind = kind;
    this.hint = more.hint;
  }
}

/** Exit codes of the CLI, one a kind; 0 is success. */
export const exitCodes: Readonly<Record<FailureKind, number>> = {
  failed: 1,
  usage: 2,
  config: 3,
  missing: 4,
  busy: 5,
  unreachable: 6,
  storage: 7,
  damaged: 8,
  unsafe: 9,
  denied: 10,
  cancelled: 130,
};

/** Any thrown value as a Failure; one that already is passes through unchanged. Errors of the file system become `storage`. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof Error && thrown.name === "AbortError")
    return new Failure("cancelled", "cancelled", { cause: thrown });
  const code = errorCode(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const storageHint = code === undefined ? undefined : storageHints[code];
  if (storageHint !== undefined) return new Failure("storage", message, { hint: storageHint, cause: thrown });
  return new Failure("failed", message, { cause: thrown });
}

/** The `code` of a Node error (`ENOENT`, …), or undefined. */
export function errorCode(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

/**
 * Runs `work`, then `cleanup` whatever happened. A cleanup that fails never hides the first error: where both fail, the
 * first is thrown with the second told in its message.
 */
export async function withCleanup<T>(work: () => Promise<T>, cleanup: () => Promise<void>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (first) {
    try {
      await cleanup();
    } catch (second) {
      const failure = asFailure(first);
      throw new Failure(
        failure.kind,
        `${failure.message}; cleaning up after that failed as well: ${asFailure(second).message}`,
        {
          ...(failure.hint === undefined ? {} : { hint: failure.hint }),
          cause: first,
        },
      );
    }
    throw first;
  }
  await cleanup();
  return result;
}

/** Runs `work`, and `undo` where that fails; a failure of the undo never hides the first error, as in `withCleanup`. */
export async function withUndo<T>(work: () => Promise<T>, undo: () => Promise<void>): Promise<T> {
  try {
    return await work();
  } catch (first) {
    return withCleanup(() => Promise.reject(asFailure(first)), undo);
  }
}

const storageHints: Readonly<Record<string, string>> = {
  ENOSPC: "the file system is full: free some space, or lower davit.keep and run `davit prune`",
  EDQUOT: "the disk quota is used up: raise it, or lower davit.keep and run `davit prune`",
  EROFS: "the file system is mounted read-only: mount it read-write and try again",
  EACCES: "Davit may not write there: run `davit doctor` to see which permission is missing",
  EPERM: "Davit may not do that there: run `davit doctor` to see which capability is missing",
  EIO: "the disk reported an error: look at the kernel's log (dmesg) before anything else",
};
