import type { Request } from "express";
import type { TokenView } from "../contract/api.ts";
import { isLocal } from "./listen.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { Tokens } from "./tokens.ts";

export const sessionCookie = "davit_session";

/** Who is asking: a browser that signed in, a program with an API token, or whoever may open the unix socket. */
export type Identity = { kind: "session"; session: Session } | { kind: "token"; token: TokenView } | { kind: "local" };

/**
 * Who is asking; null for nobody known. With a bearer token the cookie does not count; any other `Authorization` is between
 * the browser and a proxy in front of Davit.
 */
export function identify(request: Request, sessions: Sessions, tokens: Tokens): Identity | null {
  if (isLocal(request.socket)) return { kind: "local" };
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined && /^bearer\b/iu.test(authorization)) {
    const bearer = /^bearer +(\S{1,200})$/iu.exec(authorization)?.[1];
    const token = bearer === undefined ? null : tokens.find(bearer);
    return token === null ? null : { kind: "token", token };
  }
  const id = new RegExp(`(?:^|;\\s*)${sessionCookie}=([A-Za-z0-9_-]{43})(?:;|$)`, "u").exec(cookie ?? "")?.[1];
  const session = id === undefined ? null : sessions.find(id);
  return session === null ? null : { kind: "session", session };
}
