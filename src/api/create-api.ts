import { fileURLToPath } from "node:url";
import express, { type Express } from "express";
import helmet from "helmet";
import type { Logger } from "pino";
import { type ApiRoute, apiRoutes } from "../contract/api-routes.ts";
import { Failure } from "../failure/failure.ts";
import { listen, type Listening } from "./listen.ts";
import type { Operations } from "./operations.ts";
import { serveBackups } from "./routes/backups.ts";
import { serveMachines } from "./routes/machines.ts";
import { serveModules } from "./routes/modules.ts";
import { serveRuns } from "./routes/runs.ts";
import { serveSession } from "./routes/session.ts";
import { serveSystem } from "./routes/system.ts";
import { failureHandler, sendFailure } from "./send-failure.ts";
import { Sessions } from "./sessions.ts";
import { Tokens } from "./tokens.ts";

export interface ApiOptions {
  operations: Operations;
  /** Where password, sessions and tokens are kept. */
  stateDir: string;
  log: Logger;
  version: string;
  /** Whether a reverse proxy's X-Forwarded-* headers are believed. Without one, anybody could send them. */
  trustProxy?: boolean;
  now?: () => Date;
}

export interface Api {
  app: Express;
  /** Accepts connections; port 0 takes a free one. */
  listen(address: { host: string; port: number }): Promise<Listening>;
  /** Ends streams and waits for the answers that are on their way, ten seconds at most. */
  close(): Promise<void>;
}

const hint = "/api/openapi.json lists the routes";
const pageFolder = fileURLToPath(new URL("page", import.meta.url));

/** The HTTP API and its page. `ensurePassword` comes first, or nobody can sign in. */
export async function createApi({ operations, stateDir, log, version, ...more }: ApiOptions): Promise<Api> {
  const now = more.now ?? (() => new Date());
  const closing = new AbortController();
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", more.trustProxy === true ? 1 : false);
  app.set("query parser", "simple");
  app.use(protect());
  const server = {
    app,
    sessions: await Sessions.open(stateDir, now),
    tokens: await Tokens.open(stateDir, now),
    closing: closing.signal,
  };
  serveSession(server, stateDir);
  serveModules(server, operations);
  serveBackups(server, operations);
  serveMachines(server, operations);
  serveRuns(server, operations);
  serveSystem(server, operations, version);
  refuseOtherMethods(app);
  app.use("/api", (request, response) => {
    sendFailure(response, new Failure("missing", `there is no ${request.method} ${request.originalUrl}`, { hint }));
  });
  app.use(express.static(pageFolder, { cacheControl: true, maxAge: 0, redirect: false }));
  app.use((_request, response) => sendFailure(response, new Failure("missing", "there is no such page")));
  app.use(failureHandler(log));
  const listening = new Set<Listening>();
  return {
    app,
    listen: async (address) => {
      const opened = await listen(app, address);
      listening.add(opened);
      return opened;
    },
    close: async () => {
      closing.abort();
      await Promise.all([...listening].map((opened) => opened.close()));
    },
  };
}

/** Answers 405 where a path is known, but not with this method. */
function refuseOtherMethods(app: Express): void {
  const routes: ApiRoute[] = Object.values(apiRoutes);
  const methods = Map.groupBy(routes, (route) => route.path);
  for (const [path, known] of methods) {
    const allowed = known.map(({ method }) => method.toUpperCase()).join(", ");
    app.all(path, (request, response) => {
      response.set("Allow", allowed);
      sendFailure(
        response,
        new Failure("usage", `${request.path} takes ${allowed}, not ${request.method}`, { hint }),
        405,
      );
    });
  }
}

function protect() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
      },
    },
    // Davit is often reached by plain HTTP inside a home network: whoever adds HTTPS adds this at the proxy.
    strictTransportSecurity: false,
    referrerPolicy: { policy: "no-referrer" },
  });
}
