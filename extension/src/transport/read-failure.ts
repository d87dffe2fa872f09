import { type FailureKind, failureKinds } from "../../../src/contract/failure-kind.ts";
import { words } from "../words.ts";
import { ApiFailure } from "./transport.ts";

/** The failure in an answer's body; something that says as much as is known where there is none. */
export function readFailure(body: unknown, status: number): ApiFailure {
  if (typeof body === "object" && body !== null && "error" in body) {
    const { error } = body;
    if (typeof error === "object" && error !== null && "message" in error && typeof error.message === "string") {
      const kind = "kind" in error && isKind(error.kind) ? error.kind : "failed";
      return new ApiFailure(kind, error.message, "hint" in error && typeof error.hint === "string" ? error.hint : null);
    }
  }
  return new ApiFailure(status === 401 ? "denied" : "failed", words.failures.status(status), null);
}

function isKind(value: unknown): value is FailureKind {
  return failureKinds.some((one) => one === value);
}
