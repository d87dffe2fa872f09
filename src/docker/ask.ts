import { once } from "node:events";
import type Dockerode from "dockerode";
import { Failure } from "../failure/failure.ts";
import { dockerFailure } from "./docker-failure.ts";

/** How long an answer of the engine may take where nothing else is said. */
export const answerMs = 30_000;

/**
 * Asks the engine one thing. `what` names it for people (`pause 4f1e…`). Every failure is a Failure: `unreachable` where
 * no answer comes within `limitMs`, else as `dockerFailure` has it. With `signal`, an abort is thrown as it is.
 */
export type Ask = <T>(
  what: string,
  call: (client: Dockerode, abortSignal: AbortSignal) => Promise<T>,
  limits?: { limitMs?: number; signal?: AbortSignal },
) => Promise<T>;

/** `connect` is called for each question. */
export function createAsk(dockerHost: string, connect: () => Promise<Dockerode>): Ask {
  return async (what, call, { limitMs = answerMs, signal } = {}) => {
    const timeout = AbortSignal.timeout(limitMs);
    const abortSignal = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    try {
      return await Promise.race([connect().then((client) => call(client, abortSignal)), whenAborted(abortSignal)]);
    } catch (error) {
      signal?.throwIfAborted();
      if (timeout.aborted)
        throw new Failure(
          "unreachable",
          `the Docker engine at ${dockerHost} did not answer within ${limitMs / 1000} s`,
          {
            hint: "see whether the engine is overloaded or hung: `docker info`",
            cause: error,
          },
        );
      throw dockerFailure(error, what, dockerHost);
    }
  };
}

/** The client leaves a promise open for ever where the connection breaks in mid-answer, and some calls take no signal. */
async function whenAborted(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  await once(signal, "abort");
  throw signal.reason;
}
