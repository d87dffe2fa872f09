import { Failure } from "../failure/failure.ts";

/** Where an engine listens, in the terms of the client. */
export type DockerAddress =
  | { socketPath: string; host: undefined; protocol: "http" }
  | { host: string; port: number; protocol: "http" | "https" };

/**
 * Reads `DOCKER_HOST`: `unix:///var/run/docker.sock`, `tcp://host:port`, `http(s)://host:port`, or `host:port`.
 * Throws a Failure of kind `config` for anything else.
 */
export function dockerAddress(dockerHost: string): DockerAddress {
  const unix = /^unix:\/\/(\/.+)$/u.exec(dockerHost)?.[1] ?? (dockerHost.startsWith("/") ? dockerHost : undefined);
  if (unix !== undefined) return { socketPath: unix, host: undefined, protocol: "http" };
  const url = parseUrl(/^[a-z]+:\/\//u.test(dockerHost) ? dockerHost : `tcp://${dockerHost}`);
  if (url === undefined || url.hostname === "" || !["tcp:", "http:", "https:"].includes(url.protocol))
    throw new Failure("config", `DOCKER_HOST=${dockerHost} is not an address that Davit can use`, {
      hint: "write unix:///var/run/docker.sock or tcp://host:2375",
    });
  const secure = url.protocol === "https:" || url.port === "2376";
  const port = url.port === "" ? (secure ? 2376 : 2375) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/gu, ""), port, protocol: secure ? "https" : "http" };
}

function parseUrl(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}
