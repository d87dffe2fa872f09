import { setTimeout as wait } from "node:timers/promises";
import type { DoctorCheck } from "../contract/api.ts";
import { asFailure, errorCode, Failure } from "../failure/failure.ts";

/** A mount whose server is gone answers never. */
const limitMs = 60_000;

/** Does a check of the doctor; one that throws, or that does not end, is one that found an error. */
export async function attemptCheck(
  name: string,
  check: () => DoctorCheck | Promise<DoctorCheck>,
): Promise<DoctorCheck> {
  const limit = new AbortController();
  try {
    return await Promise.race([check(), overtime(limit.signal)]);
  } catch (thrown) {
    const failure = asFailure(thrown);
    const { message } = failure;
    const isDenied = failure.kind === "storage" && ["EACCES", "EPERM"].includes(errorCode(failure.cause) ?? "");
    // The usual hint is to ask the doctor.
    const hint = isDenied ? "run Davit as root, or give it what the check of its permissions misses" : failure.hint;
    return { name, status: "error", message, ...(hint === undefined ? {} : { hint }) };
  } finally {
    limit.abort();
  }
}

async function overtime(signal: AbortSignal): Promise<never> {
  await wait(limitMs, undefined, { signal });
  throw new Failure("storage", `no answer within ${limitMs / 1000} s`, {
    hint: "a network share whose server is gone does that: see `mount` and `dmesg`",
  });
}
