import express, { type Express, type Request, type RequestHandler, type Response } from "express";
import type { z } from "zod";
import { linkLimits, type LinkRoute } from "../../contract/link.ts";
import type { Guard } from "./guard.ts";
import type { Pairing } from "./pairings.ts";
import type { ReplayGuard } from "./replay-guard.ts";

type Output<T> = T extends z.ZodType ? z.output<T> : undefined;

/** A request that was let in, with its input parsed. */
export interface LinkCall<R extends LinkRoute> {
  readonly params: R extends { params: infer T } ? Output<T> : undefined;
  readonly query: R extends { query: infer T } ? Output<T> : undefined;
  readonly body: R extends { body: infer T } ? Output<T> : undefined;
  readonly pairing: Pairing;
  readonly request: Request;
  readonly response: Response;
  /** Aborted when the sidecar goes away or the server closes. */
  readonly signal: AbortSignal;
}

/** Where routes are put. */
export interface LinkApp {
  readonly app: Express;
  readonly guard: Guard;
  readonly replays: ReplayGuard;
  readonly closing: AbortSignal;
}

type Answer<R extends LinkRoute> = R extends { answer: infer T } ? Output<T> : void;

const parseJson = express.json({ limit: linkLimits.json, strict: true });

/**
 * Puts one route of the contract on the app. In this order: names in the path, whether a request that changes something came before, its
 * body; only then is `handle` called. A route without an answer in the contract writes it itself, or has none.
 */
export function serveLinkRoute<R extends LinkRoute>(
  { app, guard, replays, closing }: LinkApp,
  route: R,
  handle: (call: LinkCall<R>) => Promise<Answer<R>> | Answer<R>,
): void {
  const check: RequestHandler = (request, response, next) => {
    response.set("Cache-Control", "no-store");
    route.params?.parse(request.params);
    route.query?.parse(request.query);
    if (route.method !== "get") replays.admit(request.headers);
    next();
  };
  const answer: RequestHandler = async (request, response) => {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    // The contract's schemas give what LinkCall<R> says; the compiler can't follow that through R.
    const call = {
      params: route.params?.parse(request.params),
      query: route.query?.parse(request.query),
      body: route.body?.parse(request.body),
      pairing: guard.pairingOf(request),
      request,
      response,
      signal: AbortSignal.any([gone.signal, closing]),
    } as LinkCall<R>;
    const value = await handle(call);
    if (route.answer !== undefined) response.json(value);
    else if (!response.headersSent) response.status(204).end();
  };
  app[route.method](route.path, check, ...(route.body === undefined ? [] : [parseJson]), answer);
}
