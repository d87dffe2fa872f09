import type { ErrorRequestHandler, Response } from "express";
import type { Logger } from "pino";
import { ZodError } from "zod";
import type { FailureKind } from "../contract/failure-kind.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { NotSignedIn } from "./not-signed-in.ts";

const statuses: Readonly<Record<FailureKind, number>> = {
  usage: 400,
  config: 422,
  missing: 404,
  busy: 409,
  unreachable: 503,
  storage: 507,
  damaged: 422,
  unsafe: 400,
  cancelled: 409,
  denied: 403,
  failed: 500,
};

/** Answers with what went wrong, in the one form that all errors of the API have. */
export function sendFailure(response: Response, failure: Failure, status = statusOf(failure)): void {
  const { kind, message, hint } = failure;
  response.status(status).json({ error: { kind, message, ...(hint === undefined ? {} : { hint }) } });
}

function statusOf(failure: Failure): number {
  return failure instanceof NotSignedIn ? 401 : statuses[failure.kind];
}

/** The last handler of the app: whatever was thrown becomes a Failure's answer, never a stack trace. */
export function failureHandler(log: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, request, response, _next) => {
    const failure = describe(thrown);
    const status = clientStatus(thrown) ?? statusOf(failure);
    const about = { method: request.method, path: request.path, err: failure };
    if (status >= 500) log.error(about, "a request failed");
    else if (response.headersSent && failure.kind !== "cancelled") log.warn(about, "an answer broke off");
    else log.debug(about, "a request was refused");
    // Half an answer must not look whole; express's own handler would break it as well, and print the stack.
    if (response.headersSent) response.destroy();
    else sendFailure(response, failure, status);
  };
}

function describe(thrown: unknown): Failure {
  if (thrown instanceof ZodError) {
    const problems = thrown.issues.map(({ path, message }) =>
      path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`,
    );
    return new Failure("usage", problems.join("; "), {
      hint: "/api/openapi.json describes every request",
      cause: thrown,
    });
  }
  if (clientStatus(thrown) === undefined) return asFailure(thrown);
  return new Failure("usage", thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}

/** The status that express and its body parser give to a request that can't be read. */
function clientStatus(thrown: unknown): number | undefined {
  if (thrown instanceof Failure || typeof thrown !== "object" || thrown === null || !("status" in thrown))
    return undefined;
  const { status } = thrown;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}
