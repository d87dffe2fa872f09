import type { Request, RequestHandler } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import { apiRoutes } from "../../contract/api-routes.ts";
import { Failure } from "../../failure/failure.ts";
import { type Identity, sessionCookie } from "../identify.ts";
import { NotSignedIn } from "../not-signed-in.ts";
import { isPassword, setPassword } from "../password.ts";
import { isPortainerAdministrator } from "../portainer-administrator.ts";
import { sendFailure } from "../send-failure.ts";
import { type Server, serveRoute } from "../serve-route.ts";

/** Wrong passwords that one address may send in a quarter of an hour. */
const attempts = 10;
/** Passwords hashed at the same time: each takes 32 MiB and a thread that backups compress on. */
const hashedTogether = 2;

export interface SignInOptions {
  stateDir: string;
  /** Whether the password stands in the configuration, and is to be changed there. */
  passwordIsConfigured: boolean;
  /** The Portainer whose administrators may sign in with an access token; null for none. */
  portainer: string | null;
}

/** Signing in and out, the password, and API tokens. */
export function serveSession(server: Server, { stateDir, passwordIsConfigured, portainer }: SignInOptions): void {
  const { sessions, tokens } = server;
  let hashing = 0;
  const checkPassword = async (candidate: string): Promise<boolean> => {
    if (hashing >= hashedTogether) throw new Failure("busy", "too many are signing in at once", { hint: "try again" });
    hashing += 1;
    try {
      return await isPassword(stateDir, candidate);
    } finally {
      hashing -= 1;
    }
  };

  serveRoute(
    server,
    apiRoutes.signIn,
    async ({ body, request, response, signal }) => {
      if ("password" in body) {
        if (!(await checkPassword(body.password))) throw new NotSignedIn("wrong password");
      } else if (portainer === null || !(await isPortainerAdministrator(portainer, body.portainerToken, signal))) {
        throw new NotSignedIn("that is no access token of a Portainer administrator");
      }
      const session = await sessions.create();
      response.cookie(sessionCookie, session.id, { ...cookieOptions(request), expires: session.expires });
      return { csrf: session.csrf, expires: session.expires.toISOString() };
    },
    limitAttempts(),
  );
  serveRoute(
    server,
    apiRoutes.changePassword,
    async ({ body, identity }) => {
      if (passwordIsConfigured)
        throw new Failure("config", "the password stands in DAVIT_PASSWORD", { hint: "change it there, and restart" });
      if (!(await checkPassword(body.current))) throw new Failure("denied", "the current password is another one");
      // Sessions first: a crash in between leaves the old password, and nobody signed in who should not be.
      if (identity?.kind === "session") await sessions.endOthers(identity.session.id);
      await setPassword(stateDir, body.next);
      return undefined;
    },
    limitAttempts(),
  );
  serveRoute(server, apiRoutes.showSession, ({ identity }) => view(identity));
  serveRoute(server, apiRoutes.signOut, async ({ identity, request, response }) => {
    if (identity?.kind === "session") await sessions.end(identity.session.id);
    response.clearCookie(sessionCookie, cookieOptions(request));
    return undefined;
  });
  serveRoute(server, apiRoutes.listTokens, () => ({ tokens: tokens.list() }));
  serveRoute(server, apiRoutes.createToken, ({ body }) => tokens.create(body.name));
  serveRoute(server, apiRoutes.revokeToken, async ({ params }) => {
    await tokens.revoke(params.token);
    return undefined;
  });
}

function cookieOptions(request: Request) {
  return { httpOnly: true, sameSite: "strict", secure: request.secure, path: "/" } as const;
}

function view(identity: Identity | null) {
  if (identity?.kind !== "session") return { csrf: null, expires: null };
  return { csrf: identity.session.csrf, expires: identity.session.expires.toISOString() };
}

function limitAttempts(): RequestHandler {
  return rateLimit({
    windowMs: 15 * 60 * 1000,
    limit: attempts,
    skipSuccessfulRequests: true,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    // A forged X-Forwarded-For is ignored unless a proxy is trusted; no need to complain about it on the console.
    validate: { xForwardedForHeader: false },
    keyGenerator: (request) => ipKeyGenerator(request.ip ?? "local"),
    handler: (_request, response) => {
      const hint = "wait a quarter of an hour and try again";
      sendFailure(response, new Failure("denied", "too many wrong passwords", { hint }), 429);
    },
  });
}
