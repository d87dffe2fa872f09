import { once } from "node:events";
import { chmod, lstat, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Express } from "express";
import { errorCode, Failure } from "../failure/failure.ts";

export interface Listening {
  url: string;
  port: number;
  close(): Promise<void>;
}

const graceMs = 10_000;

/** Opens a port for the app. Throws a `config` Failure where the address can't be had. */
export async function listen(app: Express, { host, port }: { host: string; port: number }): Promise<Listening> {
  const server = createServer(app);
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const hint =
      errorCode(cause) === "EADDRINUSE" ? "another program uses the port: set DAVIT_LISTEN" : "look at DAVIT_LISTEN";
    throw new Failure("config", `can't listen on ${host}:${port}`, { hint, cause });
  }
  const address = server.address();
  const opened = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${opened}`,
    port: opened,
    close: async () => close(server),
  };
}

const local = new WeakSet<Socket>();

/** Whether a connection came over a unix socket: whoever may open that need not sign in. */
export function isLocal(connection: Socket): boolean {
  return local.has(connection);
}

/**
 * Opens a unix socket for the app, which its owner alone may use; one that an earlier process left is replaced. Throws a
 * `config` Failure where that can't be done.
 */
export async function listenOnSocket(app: Express, path: string): Promise<Pick<Listening, "close">> {
  const server = createServer(app);
  server.on("connection", (connection: Socket) => local.add(connection));
  try {
    // Only this process serves this state folder, so a socket that is there belongs to nobody any more.
    if ((await lstat(path).catch(() => null))?.isSocket() === true) await rm(path);
    server.listen(path);
    await once(server, "listening");
    await chmod(path, 0o600);
  } catch (cause) {
    throw new Failure("config", `can't listen on the socket ${path}`, { hint: "look at DAVIT_SOCKET", cause });
  }
  return { close: async () => close(server) };
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  // A connection whose answer ends meanwhile would idle on until its client lets go.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const force = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(force);
}
