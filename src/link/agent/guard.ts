import type { Request, RequestHandler } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import { linkVersion } from "../../contract/link.ts";
import { Rejected } from "../rejected.ts";
import type { Pairing, Pairings } from "./pairings.ts";

/** Wrong tokens that one address may send in a minute before it is told no more than that. */
const tries = 10;
const tryMs = 60_000;

/** Lets in who has a pairing's token, and speaks this version. */
export interface Guard {
  handlers: RequestHandler[];
  /** Who was let in. */
  pairingOf(request: Request): Pairing;
}

/**
 * The token is looked at before anything else of a request. The limit brakes those without a right one alone: 256 random bits need
 * no protection from guessing, but the log and the processor do, and nobody else in the machine may lock its sidecar out.
 */
export function createGuard(pairings: Pairings, onRefused: (request: Request, reason: string) => void): Guard {
  const admitted = new WeakMap<Request, Pairing>();
  const admit: RequestHandler = async (request, _response, next) => {
    const pairing = await pairings.find(/^Bearer ([\w-]{43})$/u.exec(request.get("authorization") ?? "")?.[1] ?? "");
    if (pairing !== null) admitted.set(request, pairing);
    next();
  };
  const brake = rateLimit({
    windowMs: tryMs,
    limit: tries,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    validate: { xForwardedForHeader: false },
    skip: (request) => admitted.has(request),
    keyGenerator: (request) => ipKeyGenerator(request.ip ?? "unknown"),
    handler: (_request, response, next) => {
      response.set("Connection", "close");
      next(new Rejected("too-many-tries", "too many wrong tokens came from there", { hint: "wait a minute" }));
    },
  });
  const refuse: RequestHandler = async (request, response, next) => {
    if (admitted.has(request)) {
      requireVersion(request.path);
      next();
      return;
    }
    response.set("Connection", "close");
    const isPaired = (await pairings.list()).length > 0;
    onRefused(request, isPaired ? "wrong token" : "not paired");
    throw isPaired
      ? new Rejected("wrong-token", "that is not the token of any pairing", {
          hint: "it was replaced, or is cut off: `davit agent pair` on the host prints a new line for DAVIT_AGENT",
        })
      : new Rejected("not-paired", "the agent is paired with no sidecar", {
          hint: "`davit agent pair` on the host prints the line for DAVIT_AGENT",
        });
  };
  return {
    handlers: [admit, brake, refuse],
    pairingOf: (request) => {
      const pairing = admitted.get(request);
      if (pairing === undefined) throw new Rejected("wrong-token", "nobody was let in");
      return pairing;
    },
  };
}

function requireVersion(path: string): void {
  const asked = Number(/^\/link\/v(\d{1,6})\//u.exec(path)?.[1] ?? linkVersion);
  if (asked > linkVersion)
    throw new Rejected("agent-too-old", `the agent speaks version ${linkVersion} of the link, the sidecar ${asked}`, {
      hint: "update the agent on the physical host",
    });
  if (asked < linkVersion)
    throw new Rejected("sidecar-too-old", `the agent speaks version ${linkVersion} of the link, the sidecar ${asked}`, {
      hint: "update the sidecar",
    });
}
