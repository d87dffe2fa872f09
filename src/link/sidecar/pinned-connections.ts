import { createHash } from "node:crypto";
import { Agent } from "node:https";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";
import type { PairingLine } from "../../contract/link.ts";
import { Failure } from "../../failure/failure.ts";

const connectMs = 10_000;

/** Connections to an agent, over which nothing is sent before its certificate was found to be the one that it was paired with. */
export class PinnedConnections extends Agent {
  readonly #line: PairingLine;

  constructor(line: PairingLine) {
    // A session that is resumed shows no certificate.
    super({ keepAlive: true, maxSockets: 8, maxFreeSockets: 4, timeout: 60_000, maxCachedSessions: 0 });
    this.#line = line;
  }

  override createConnection(_options: unknown, done?: (error: Error | null, socket: Duplex) => void): undefined {
    const { host, port, fingerprint } = this.#line;
    // Neither a name nor an authority says anything about this certificate: the fingerprint alone does.
    const socket = connect({ host, port, minVersion: "TLSv1.3", rejectUnauthorized: false });
    const limit = setTimeout(() => socket.destroy(new Error(`no answer within ${connectMs / 1000} s`)), connectMs);
    const settle = (error: Error | null): void => {
      clearTimeout(limit);
      socket.off("error", settle);
      if (error !== null) socket.destroy();
      done?.(error, socket);
    };
    socket.once("error", settle);
    socket.once("secureConnect", () => {
      const shown = createHash("sha256").update(socket.getPeerCertificate().raw).digest("hex");
      settle(shown === fingerprint ? null : otherCertificate(this.#line, shown));
    });
    return undefined;
  }
}

function otherCertificate({ host, port, fingerprint }: PairingLine, shown: string): Failure {
  return new Failure(
    "denied",
    `what answers at ${host}:${port} has the certificate ${shown.slice(0, 16)}…, not ${fingerprint.slice(0, 16)}… of the pairing`,
    {
      hint: "if the agent was set up anew, pair again (`davit agent pair` on the host); else something else answers there",
    },
  );
}
