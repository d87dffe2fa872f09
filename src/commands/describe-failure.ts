import type { Failure } from "../failure/failure.ts";

/** What failed and what to do next, on two lines. */
export function describeFailure(failure: Failure): string {
  return failure.hint === undefined ? failure.message : `${failure.message}\n  hint: ${failure.hint}`;
}

/** The same for one of several things that a verb was asked for, which is named once. */
export function describeFailureOf(name: string, failure: Failure): string {
  const words = describeFailure(failure);
  return failure.message.includes(name) ? words : `${name}: ${words}`;
}
