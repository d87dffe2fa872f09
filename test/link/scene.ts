import { mkdir } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { type PairingLine, parsePairingLine } from "../../src/contract/link.ts";
import { type LinkServer, type LinkServerOptions, openLinkServer } from "../../src/link/agent/open-link-server.ts";
import { pairSidecar } from "../../src/link/agent/pair-sidecar.ts";
import { AgentLink } from "../../src/link/sidecar/connect-agent.ts";
import { FakeMachines } from "../fakes/machines.ts";
import { scratchFolder } from "../fixtures/scratch-folder.ts";

export interface LinkScene {
  state: string;
  copies: string;
  machines: FakeMachines;
  server: LinkServer;
  /** Pairs a sidecar, in `docker-host` when not given otherwise. */
  pair(machine?: string | null, also?: string[]): Promise<PairingLine>;
  /** A sidecar's end, closed after the test. */
  link(line: PairingLine): AgentLink;
}

const agentHost = { id: "0d5f9a3e-6f0b-4f0e-8a64-6a0f3f1f7a11", name: "physical" };

/** A real agent's end of the link on a free port, with real TLS; closed after the test. */
export async function linkScene(more: Partial<LinkServerOptions> = {}): Promise<LinkScene> {
  const folder = await scratchFolder();
  const [state, copies] = [join(folder, "state"), join(folder, "copies")];
  for (const one of [state, copies]) await mkdir(one);
  const machines = new FakeMachines();
  const server = await openLinkServer({
    state,
    listen: { host: "127.0.0.1", port: 0 },
    copies,
    copyDays: 0,
    operations: machines,
    version: "0.1.0",
    host: agentHost,
    log: pino({ level: "silent" }),
    ...more,
  });
  onTestFinished(() => server.close());
  return {
    state,
    copies,
    machines,
    server,
    pair: async (machine = "docker-host", also = []) => {
      const line = await pairSidecar({ state, address: server.address, machine, also, now: new Date() });
      const parsed = parsePairingLine(line);
      if (parsed === null) throw new Error(`no pairing line: ${line}`);
      return parsed;
    },
    link: (line) => {
      const link = new AgentLink(line);
      onTestFinished(() => link.close());
      return link;
    },
  };
}

export const never = new AbortController().signal;

export interface RawAnswer {
  status: number;
  /** Of the rejection; null for a success. */
  reason: string | null;
  text: string;
}

/** A request as anybody could send it, with whatever path and headers, on a connection of its own. */
export async function rawRequest(
  { host, port }: PairingLine,
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const asked = request({ host, port, method, path, headers, rejectUnauthorized: false, agent: false }, (response) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (part: string) => (text += part));
    response.on("error", reject);
    response.on("end", () => resolve({ status: response.statusCode ?? 0, reason: reasonOf(text), text }));
  });
  asked.on("error", reject);
  asked.end(body);
  return promise;
}

function reasonOf(text: string): string | null {
  return /"reason":"([a-z-]+)"/u.exec(text)?.[1] ?? null;
}

let requests = 0;

/** The headers of somebody who has the token; each call is another request. */
export function headersOf({ token }: PairingLine, more: Record<string, string> = {}): Record<string, string> {
  requests += 1;
  return {
    authorization: `Bearer ${token}`,
    "davit-request": `00000000-0000-4000-8000-${String(requests).padStart(12, "0")}`,
    "davit-time": new Date().toISOString(),
    ...more,
  };
}
