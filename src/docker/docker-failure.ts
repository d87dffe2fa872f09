import { errorCode, Failure } from "../failure/failure.ts";

/** What the client threw while it did `what`, as a Failure that says what to do next. */
export function dockerFailure(error: unknown, what: string, dockerHost: string): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const status = typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;
  if (status === 404) return new Failure("missing", `could not ${what}: no such container`, { cause: error });
  if (status === 403)
    return new Failure("unreachable", `the Docker engine at ${dockerHost} does not permit: ${what}`, {
      hint: "a socket proxy must allow CONTAINERS, EXEC, IMAGES, EVENTS, PING, VERSION and POST",
      cause: error,
    });
  if (status !== undefined) return new Failure("failed", `could not ${what}: ${message}`, { cause: error });
  const hint = hints[errorCode(error) ?? ""] ?? "see whether the engine runs, and whether DOCKER_HOST names it";
  return new Failure("unreachable", `the Docker engine at ${dockerHost} does not answer: ${message}`, {
    hint,
    cause: error,
  });
}

const hints: Readonly<Record<string, string>> = {
  ENOENT: "no socket there: start the engine, or mount its socket at this path, or set DOCKER_HOST",
  ECONNREFUSED: "nothing listens there: start the engine (`systemctl start docker`), or correct DOCKER_HOST",
  EACCES: "the socket is not open to this user: run as root or as a member of the group docker",
  ENOTFOUND: "the host name in DOCKER_HOST is not known",
};
