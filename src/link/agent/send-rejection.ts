import type { ErrorRequestHandler, Response } from "express";
import type { Logger } from "pino";
import { ZodError } from "zod";
import { asFailure } from "../../failure/failure.ts";
import { asRejected, Rejected } from "../rejected.ts";

/** Answers with why a request is refused, in the one form that all refusals have. */
export function sendRejection(response: Response, { reason, message, hint, status }: Rejected): void {
  response.status(status).json({ rejected: { reason, message, ...(hint !== undefined && { hint }) } });
}

/** The last handler of the app. */
export function rejectionHandler(log: Pick<Logger, "error" | "debug">): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, request, response, _next) => {
    const rejected = describe(thrown);
    const about = { method: request.method, path: request.path, reason: rejected.reason, err: rejected };
    if (rejected.status >= 500 && rejected.reason === "failed") log.error(about, "a request of the sidecar failed");
    else log.debug(about, "a request of the sidecar was refused");
    if (response.headersSent) response.destroy();
    else sendRejection(response, rejected);
  };
}

function describe(thrown: unknown): Rejected {
  if (thrown instanceof ZodError) {
    const problems = thrown.issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`);
    return new Rejected("bad-request", problems.join("; "), { cause: thrown });
  }
  const status = clientStatus(thrown);
  if (status === 413) return new Rejected("too-large", "the request is too large", { cause: thrown });
  if (status !== null) return new Rejected("bad-request", "the request can't be read", { cause: thrown });
  return asRejected(asFailure(thrown));
}

/** The status that express and its body parser give to a request that can't be read. */
function clientStatus(thrown: unknown): number | null {
  if (thrown instanceof Error && "status" in thrown && !(thrown instanceof Rejected)) {
    const { status } = thrown;
    return typeof status === "number" && status >= 400 && status < 500 ? status : null;
  }
  return null;
}
