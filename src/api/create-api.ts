import { fileURLToPath } from "node:url";
import express, { type Express } from "express";
import type { Logger } from "pino";
import type { ApiRoute } from "../contract/api-route.ts";
import { apiRoutes } from "../contract/api-routes.ts";
import { Failure } from "../failure/failure.ts";
import { listen, type Listening, listenOnSocket } from "./listen.ts";
import type { Operations } from "./operations.ts";
import { serveBackups } from "./routes/backups.ts";
import { serveMachines } from "./routes/machines.ts";
import { serveBrowse } from "./routes/browse.ts";
import { serveMonitoring } from "./routes/monitoring.ts";
import { serveNotifications } from "./routes/notifications.ts";
import { serveModules } from "./routes/modules.ts";
import { protectPages, servePanel } from "./serve-panel.ts";
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
  /** Whether the password stands in the configuration. */
  passwordIsConfigured?: boolean;
  /** The Portainer whose administrators may sign in with an access token. */
  portainer?: string | null;
  /** Origins that may show the panel in a frame. */
  frameAncestors?: readonly string[];
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
  /** Accepts connections over a unix socket; whoever may open that need not sign in. */
  listenOnSocket(path: string): Promise<void>;
  /** Ends streams and waits for the answers that are on their way, ten seconds at most. */
  close(): Promise<void>;
}

const hint = "/api/openapi.json lists the routes";
const panelFolder = fileURLToPath(new URL("../../extension/dist", import.meta.url));

/** The HTTP API and the panel. `ensurePassword` comes first, or nobody can sign in. */
export async function createApi({ operations, stateDir, log, version, ...more }: ApiOptions): Promise<Api> {
  const now = more.now ?? (() => new Date());
  const closing = new AbortController();
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", more.trustProxy === true ? 1 : false);
  app.set("query parser", "simple");
  app.use(protectPages(more.frameAncestors ?? []));
  const server = {
    app,
    sessions: await Sessions.open(stateDir, now),
    tokens: await Tokens.open(stateDir, now),
    closing: closing.signal,
  };
  serveSession(server, {
    stateDir,
    passwordIsConfigured: more.passwordIsConfigured ?? false,
    portainer: more.portainer ?? null,
  });
  serveModules(server, operations);
  serveBackups(server, operations);
  serveMachines(server, operations);
  serveBrowse(server, operations);
  serveMonitoring(server, operations);
  serveNotifications(server, operations);
  serveRuns(server, operations);
  serveSystem(server, operations, version);
  refuseOtherMethods(app);
  app.use("/api", (request, response) => {
    sendFailure(response, new Failure("missing", `there is no ${request.method} ${request.originalUrl}`, { hint }));
  });
  servePanel(app, panelFolder);
  app.use((_request, response) => sendFailure(response, new Failure("missing", "there is no such page")));
  app.use(failureHandler(log));
  const listening = new Set<Pick<Listening, "close">>();
  return {
    app,
    listen: async (address) => {
      const opened = await listen(app, address);
      listening.add(opened);
      return opened;
    },
    listenOnSocket: async (path) => {
      listening.add(await listenOnSocket(app, path));
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
