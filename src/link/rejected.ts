import type { FailureKind } from "../contract/failure-kind.ts";
import type { RejectionReason } from "../contract/link.ts";
import { Failure } from "../failure/failure.ts";

/** A request over the link that the agent refused; thrown by the agent where it refuses, and by the sidecar that is told so. */
export class Rejected extends Failure {
  readonly reason: RejectionReason;

  constructor(reason: RejectionReason, message: string, more: { hint?: string; cause?: unknown } = {}) {
    super(meaning[reason].kind, message, more);
    this.reason = reason;
  }

  get status(): number {
    return meaning[this.reason].status;
  }
}

/** What went wrong on the agent, as it is told over the link. */
export function asRejected(failure: Failure): Rejected {
  if (failure instanceof Rejected) return failure;
  const { kind, message, hint } = failure;
  return new Rejected(reasons[kind] ?? "failed", message, { ...(hint !== undefined && { hint }), cause: failure });
}

const reasons: Partial<Record<FailureKind, RejectionReason>> = {
  usage: "bad-request",
  unsafe: "bad-request",
  busy: "busy",
  damaged: "damaged",
  missing: "unknown-run",
};

const meaning: Readonly<Record<RejectionReason, { kind: FailureKind; status: number }>> = {
  "agent-too-old": { kind: "config", status: 501 },
  "sidecar-too-old": { kind: "config", status: 501 },
  "not-paired": { kind: "denied", status: 401 },
  "wrong-token": { kind: "denied", status: 401 },
  "too-many-tries": { kind: "denied", status: 429 },
  replayed: { kind: "denied", status: 409 },
  "out-of-time": { kind: "denied", status: 409 },
  "bad-request": { kind: "usage", status: 400 },
  "too-large": { kind: "usage", status: 413 },
  "unknown-route": { kind: "usage", status: 404 },
  "unknown-machine": { kind: "missing", status: 404 },
  "unknown-point": { kind: "missing", status: 404 },
  "unknown-run": { kind: "missing", status: 404 },
  "unknown-hold": { kind: "missing", status: 404 },
  busy: { kind: "busy", status: 409 },
  "no-copies": { kind: "config", status: 403 },
  "other-host": { kind: "denied", status: 403 },
  "already-there": { kind: "usage", status: 409 },
  damaged: { kind: "damaged", status: 422 },
  "no-space": { kind: "storage", status: 507 },
  failed: { kind: "failed", status: 500 },
};
