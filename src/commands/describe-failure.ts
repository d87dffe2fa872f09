import type { Failure } from "../failure/failure.ts";

/** What failed and what to do next, on two lines. */
export function describeFailure(failure: Failure): string {
  return failure.hint === undefined ? failure.message : `${failure.message}\n  hint: ${failure.hint}`;
}
