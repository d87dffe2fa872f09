import { Failure } from "../failure/failure.ts";

/** Passes over a failure whose answer had one of these statuses: the wanted state was there already. */
export function unlessDone(...statuses: readonly number[]): (failure: unknown) => void {
  return (failure) => {
    const cause = failure instanceof Failure ? failure.cause : undefined;
    const status = typeof cause === "object" && cause !== null && "statusCode" in cause ? cause.statusCode : undefined;
    if (typeof status !== "number" || !statuses.includes(status)) throw failure;
  };
}
