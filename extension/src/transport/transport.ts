import type { FailureKind } from "../../../src/contract/failure-kind.ts";
import type { RunEvent } from "../../../src/contract/run-event.ts";

/** What went wrong, as Davit says it. `unreachable` is also what this end finds where nobody answers. */
export class ApiFailure extends Error {
  readonly kind: FailureKind;
  readonly hint: string | null;

  constructor(kind: FailureKind, message: string, hint: string | null) {
    super(message);
    this.kind = kind;
    this.hint = hint;
  }
}

export type Method = "GET" | "POST" | "DELETE";

/** How the panel reaches Davit: over HTTP in a browser, through Docker Desktop in its tab. Everything rejects with an `ApiFailure`. */
export interface Transport {
  readonly home: "browser" | "desktop";
  request(method: Method, path: string, body?: unknown): Promise<unknown>;
  /** Events above `after` of the run whose route is given, as they happen; resolves when it has ended, or with the signal. */
  follow(
    route: string,
    after: number,
    onEvents: (events: readonly RunEvent[]) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Saves what a GET of the path gives as a file of the person's; null where this home can't do that. */
  download: ((path: string) => void) | null;
}
