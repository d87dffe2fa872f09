import { timingSafeEqual } from "node:crypto";
import type { Request } from "express";
import { Failure } from "../failure/failure.ts";
import type { Identity } from "./identify.ts";

/**
 * Throws where a request that changes state could have been sent by a foreign page: its `Origin` is another host, or it has
 * a session's cookie without that session's `X-Davit-CSRF`. Bearer tokens are exempt, since no browser adds them by itself, and so is the
 * unix socket, which no browser reaches.
 */
export function refuseForgery(request: Request, identity: Identity | null): void {
  if (identity?.kind === "token" || identity?.kind === "local") return;
  const { origin } = request.headers;
  if (origin !== undefined && hostOf(origin) !== request.host.toLowerCase())
    throw new Failure("denied", "the request comes from another site", {
      hint: "open the panel under one address; a reverse proxy must pass the Host header on",
    });
  if (request.get("sec-fetch-site") === "cross-site")
    throw new Failure("denied", "the request comes from another site");
  if (identity === null) return;
  const given = Buffer.from(request.get("x-davit-csrf") ?? "");
  const expected = Buffer.from(identity.session.csrf);
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new Failure("denied", "the X-Davit-CSRF header is missing or wrong", {
      hint: "send the csrf value that GET /api/v1/session gives",
    });
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
