import express, { type Express, type Request, type RequestHandler, type Response } from "express";
import type { z } from "zod";
import type { ApiRoute } from "../contract/api-route.ts";
import { Failure } from "../failure/failure.ts";
import { type Identity, identify } from "./identify.ts";
import { NotSignedIn } from "./not-signed-in.ts";
import { refuseForgery } from "./refuse-forgery.ts";
import { sendFailure } from "./send-failure.ts";
import type { Sessions } from "./sessions.ts";
import type { Tokens } from "./tokens.ts";

type Output<T> = T extends z.ZodType ? z.output<T> : undefined;

/** A request that was let in, with its input parsed. */
export interface Call<R extends ApiRoute> {
  readonly params: R extends { params: infer T } ? Output<T> : undefined;
  readonly query: R extends { query: infer T } ? Output<T> : undefined;
  readonly body: R extends { body: infer T } ? Output<T> : undefined;
  readonly identity: Identity | null;
  readonly request: Request;
  readonly response: Response;
  /** Aborted when the client goes away or the server closes; for what only reads, when the session or the token ends as well. */
  readonly signal: AbortSignal;
}

/** Returned by a handler that wrote the answer itself. */
export const answered = null;

type Answer<R extends ApiRoute> =
  | (R extends { answer: infer T } ? Output<T> : undefined)
  | (R extends { streams: readonly string[] } ? typeof answered : never);

export interface Server {
  readonly app: Express;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  /** Aborted when the server closes. */
  readonly closing: AbortSignal;
}

const parseJson = express.json({ limit: "4mb" });
/** For those who have not signed in yet. */
const parseShortJson = express.json({ limit: "4kb" });

/**
 * Puts one route of the contract on the app. In this order: who asks, may they, is it forged, is the input what the contract
 * says; only then is `handle` called, and what it returns is the answer.
 */
export function serveRoute<R extends ApiRoute>(
  server: Server,
  route: R,
  handle: (call: Call<R>) => Promise<Answer<R>> | Answer<R>,
  ...before: RequestHandler[]
): void {
  const identities = new WeakMap<Request, Identity | null>();
  const guard: RequestHandler = (request, response, next) => {
    response.set("Cache-Control", "no-store");
    const identity = identify(request, server.sessions, server.tokens);
    if (route.access !== "open" && identity === null) throw new NotSignedIn();
    if (route.access === "session" && identity?.kind !== "session") throw needsSession();
    if (route.method !== "get") refuseForgery(request, identity);
    identities.set(request, identity);
    next();
  };
  const parsers =
    route.body === undefined ? [] : [refuseOtherTypes, route.access === "open" ? parseShortJson : parseJson];
  const answer: RequestHandler = async (request, response) => {
    // The contract's schemas give what Call<R> says; the compiler can't follow that through R.
    const identity = identities.get(request) ?? null;
    const call = {
      params: route.params?.parse(request.params),
      query: route.query?.parse(request.query),
      body: route.body?.parse(request.body ?? {}),
      identity,
      request,
      response,
      signal: AbortSignal.any([goneSignal(response), server.closing, ...accessOf(server, route, identity)]),
    } as Call<R>;
    response.status(route.status);
    const value = await handle(call);
    if (value === answered) return;
    if (value === undefined) response.end();
    else response.json(value);
  };
  server.app[route.method](route.path, guard, ...before, ...parsers, answer);
}

/** Without this a body of another type would count as an empty one: a dry run that is none. */
const refuseOtherTypes: RequestHandler = (request, response, next) => {
  if (request.get("content-length") === "0" || request.is("json") !== false) next();
  else
    sendFailure(
      response,
      new Failure("usage", "the body is not JSON", { hint: "send it with Content-Type: application/json" }),
      415,
    );
};

function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  return gone.signal;
}

/** What ends with the right to read it; what was begun to be changed is done to its end. */
function accessOf({ sessions, tokens }: Server, { method }: ApiRoute, identity: Identity | null): AbortSignal[] {
  if (method !== "get" || identity === null || identity.kind === "local") return [];
  return [identity.kind === "session" ? sessions.signalOf(identity.session.id) : tokens.signalOf(identity.token.id)];
}

function needsSession(): Failure {
  return new Failure("denied", "an API token may not do that", { hint: "sign in with the password" });
}
