import type { v1 } from "@docker/extension-api-client-types";
import { words } from "../words.ts";
import { followByAsking } from "./follow-by-asking.ts";
import { readFailure } from "./read-failure.ts";
import { ApiFailure, type Method, type Transport } from "./transport.ts";

/** Seconds that Davit may wait for an event before it answers that there was none. */
const waitSeconds = 25;

/**
 * Through Docker Desktop, which passes short JSON on to the backend's socket: there are no streams, so runs are followed by
 * asking again and again, and nothing can be downloaded.
 */
export function desktopTransport(client: v1.DockerDesktopClient): Transport {
  async function request(method: Method, path: string, body?: unknown): Promise<unknown> {
    const service = client.extension.vm?.service;
    if (service === undefined) throw new ApiFailure("unreachable", words.failures.noBackend, null);
    try {
      return await service.request({
        method,
        url: path,
        headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
        data: body,
      });
    } catch (error) {
      throw desktopFailure(error);
    }
  }

  return {
    home: "desktop",
    request,
    follow: followByAsking({ request, waitSeconds, pauseMs: 0 }),
    download: null,
  };
}

/** Docker Desktop rejects with `{name, message, statusCode}`; the message holds the body where there was an answer. */
function desktopFailure(error: unknown): ApiFailure {
  const { message, status } = describe(error);
  try {
    return readFailure(JSON.parse(message), status ?? 0);
  } catch {
    if (status === null) return new ApiFailure("unreachable", words.failures.unreachable, message);
    return new ApiFailure("failed", message, null);
  }
}

function describe(error: unknown): { message: string; status: number | null } {
  if (typeof error !== "object" || error === null) return { message: String(error), status: null };
  const message = "message" in error && typeof error.message === "string" ? error.message : JSON.stringify(error);
  const status = "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : null;
  return { message, status };
}
