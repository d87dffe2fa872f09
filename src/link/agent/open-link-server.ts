import { once } from "node:events";
import { createServer } from "node:https";
import express, { type Express } from "express";
import type { Logger } from "pino";
import { type LinkHello, linkRoutes, linkVersion } from "../../contract/link.ts";
import { asFailure, errorCode, Failure } from "../../failure/failure.ts";
import type { MachineOperations } from "../machine-operations.ts";
import { Rejected } from "../rejected.ts";
import { steadyClock } from "../steady-clock.ts";
import { CopyHosts } from "./copy-hosts.ts";
import { serveCopies } from "./copy-routes.ts";
import { CopyStore } from "./copy-store.ts";
import { EventStreams } from "./event-streams.ts";
import { createGuard } from "./guard.ts";
import { type GuestHold, GuestHolds } from "./guest-holds.ts";
import { serveMachines } from "./machine-routes.ts";
import { serveLocalHolds } from "./local-holds.ts";
import { openCertificate } from "./open-certificate.ts";
import { type Pairing, Pairings } from "./pairings.ts";
import { keepCopiesPruned } from "./prune-copies.ts";
import { ReplayGuard } from "./replay-guard.ts";
import { rejectionHandler, sendRejection } from "./send-rejection.ts";
import { type LinkApp, serveLinkRoute } from "./serve-link-route.ts";

export interface LinkServerOptions {
  /** The agent's state folder: certificate and pairings are in `link/`. */
  state: string;
  listen: { host: string; port: number };
  /** Where copies of sidecars' backups are kept; null where none are taken. */
  copies: string | null;
  /** Days after their arrival for which copies are kept; 0 for ever. */
  copyDays: number;
  operations: MachineOperations;
  version: string;
  host: { id: string; name: string };
  log: Pick<Logger, "info" | "warn" | "error" | "debug">;
}

/** The agent's end of the link. */
export interface LinkServer {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly address: { host: string; port: number };
  readonly app: Express;
  /** The machines whose sidecars have their stream open; null for one that runs in no machine. */
  connected(): (string | null)[];
  /**
   * Asks the sidecar in a machine to hold what runs there until `untilMs` (as of Date.now()) at the latest; null where none is paired
   * and there, or has anything to hold. Throws where it could not: `busy`, `failed`, or `unreachable` where it did not answer in time. It lets go by itself
   * at that time, and when the link breaks.
   */
  holdInGuest(machine: string, untilMs: number, signal: AbortSignal): Promise<GuestHold | null>;
  /** Ends streams and connections. */
  close(): Promise<void>;
}

/** Opens the link's port. Throws a `config` Failure where the address can't be had. */
export async function openLinkServer(options: LinkServerOptions): Promise<LinkServer> {
  const { state, listen, copies, copyDays, operations, version, host, log } = options;
  const { key, cert } = await openCertificate(state);
  const now = steadyClock();
  const closing = new AbortController();
  const pairings = new Pairings(state);
  const streams = new EventStreams(pairings, now);
  const holds = new GuestHolds(now);
  const guard = createGuard(pairings, (request, why) =>
    log.warn({ from: request.ip, path: request.path }, `a request over the link was refused: ${why}`),
  );
  const app = bareApp();
  app.use(...guard.handlers, (request, _response, next) => {
    streams.heard(guard.pairingOf(request));
    next();
  });
  const link: LinkApp = { app, guard, replays: new ReplayGuard(now), closing: closing.signal };

  const helloFor = ({ machine }: Pairing): LinkHello => ({
    version: linkVersion,
    davit: version,
    host,
    machine,
    copies: copies !== null,
    time: now().toISOString(),
  });
  serveLinkRoute(link, linkRoutes.hello, ({ pairing }) => helloFor(pairing));
  serveLinkRoute(link, linkRoutes.events, async ({ pairing, response }) => {
    const about = { machine: pairing.machine, from: response.req.ip };
    log.info(about, "a sidecar is there");
    await streams.serve(pairing, { type: "hello", hello: helloFor(pairing) }, response);
    log.info(about, "a sidecar is gone");
  });
  serveLinkRoute(link, linkRoutes.answerHold, ({ params, body, pairing }) => holds.held(pairing, params.hold, body));
  serveLinkRoute(link, linkRoutes.answerRelease, ({ params, body, pairing }) =>
    holds.released(pairing, params.hold, body),
  );
  serveMachines(link, operations);
  if (copies !== null) keepCopiesPruned({ folder: copies, days: copyDays, log }, closing.signal);
  serveCopies(link, copies === null ? null : new CopyStore(copies, () => new Date()), new CopyHosts(state));
  app.use((request, response) => {
    const what = `there is no ${request.method} ${request.path} over the link`;
    sendRejection(response, new Rejected("unknown-route", what));
  });
  app.use(rejectionHandler(log));

  const server = createServer({ key, cert, minVersion: "TLSv1.3", maxHeaderSize: 8192, ...timeLimits }, app);
  server.maxConnections = mostConnections;
  server.listen(listen.port, listen.host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const inUse = errorCode(cause) === "EADDRINUSE";
    throw new Failure("config", `can't listen on ${listen.host}:${listen.port}`, {
      hint: `${inUse ? "another program uses the port: change" : "look at"} \`listen\` in agent.yaml`,
      cause,
    });
  }
  const holdInGuest: LinkServer["holdInGuest"] = async (machine, untilMs, signal) => {
    const stream = streams.of(machine);
    return stream === null ? null : holds.hold(stream, machine, untilMs, signal);
  };
  await serveLocalHolds(state, holdInGuest, closing.signal).catch((error: unknown) =>
    log.error({ err: asFailure(error) }, "backups by `davit agent backup` are taken without a hold in the machine"),
  );
  const opened = server.address();
  return {
    address: { host: listen.host, port: typeof opened === "object" && opened !== null ? opened.port : listen.port },
    app,
    connected: () => streams.machines(),
    holdInGuest,
    close: async () => {
      streams.close();
      closing.abort();
      const closed = once(server, "close");
      server.close();
      const force = setTimeout(() => server.closeAllConnections(), graceMs);
      server.closeIdleConnections();
      await closed;
      clearTimeout(force);
    },
  };
}

const mostConnections = 64;
const graceMs = 2000;

/** In milliseconds. A piece of a copy has to arrive within the request's. */
const timeLimits = {
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 300_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 5000,
};

function bareApp(): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  app.enable("strict routing");
  app.set("query parser", "simple");
  return app;
}
