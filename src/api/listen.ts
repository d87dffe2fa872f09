import { once } from "node:events";
import { createServer } from "node:http";
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
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      // A connection whose answer ends meanwhile would idle on until its client lets go.
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      const force = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(idle);
      clearTimeout(force);
    },
  };
}
