import type { RunEvent } from "../../../src/contract/run-event.ts";
import { words } from "../words.ts";
import { followByAsking } from "./follow-by-asking.ts";
import { readFailure } from "./read-failure.ts";
import { ApiFailure, type Method, type Transport } from "./transport.ts";

/** A browser has no more than six connections to a server without HTTP/2; each stream takes one for as long as its run. */
const mostStreams = 3;
/** Between one question and the next for the events of a run that has no stream. */
const askingMs = 3000;
/** How long a stream that broke waits before it is opened again. */
const againMs = 1000;

/** Over HTTP, to the server that the panel came from, with its session cookie. */
export function browserTransport(): Transport {
  /** Goes with everything that changes state. */
  let csrf: string | null = null;
  let streams = 0;

  async function ask(method: Method, path: string, body: unknown): Promise<Response> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (method !== "GET") headers["x-davit-csrf"] = csrf ?? (await fetchCsrf());
    try {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      return await fetch(address(path), { method, headers, credentials: "same-origin", ...sent });
    } catch {
      throw new ApiFailure("unreachable", words.failures.unreachable, words.failures.unreachableHint);
    }
  }

  async function fetchCsrf(): Promise<string> {
    const session = await request("GET", "/api/v1/session").catch(() => null);
    return remember(session) ?? "";
  }

  function remember(session: unknown): string | null {
    if (typeof session === "object" && session !== null && "csrf" in session && typeof session.csrf === "string")
      csrf = session.csrf;
    return csrf;
  }

  async function request(method: Method, path: string, body?: unknown): Promise<unknown> {
    const response = await ask(method, path, body);
    if (response.status === 204) {
      if (path === "/api/v1/session") csrf = null;
      return null;
    }
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) {
      if (response.status === 401) csrf = null;
      throw readFailure(answer, response.status);
    }
    if (path === "/api/v1/session") remember(answer);
    return answer;
  }

  return {
    home: "browser",
    request,
    follow: async (route, after, onEvents, signal) => {
      if (streams >= mostStreams)
        return followByAsking({ request, waitSeconds: 0, pauseMs: askingMs })(route, after, onEvents, signal);
      streams += 1;
      try {
        await followByStream(route, after, onEvents, signal);
      } finally {
        streams -= 1;
      }
    },
    download: (path) => {
      const link = document.createElement("a");
      link.href = address(path);
      link.download = "";
      link.click();
    },
  };
}

/** Below wherever the panel itself lies, which may be a folder of a reverse proxy. */
function address(path: string): string {
  return new URL(path.slice(1), document.baseURI).href;
}

/** A stream that breaks is opened again where it was. */
const followByStream: Transport["follow"] = async (route, after, onEvents, signal) => {
  let seen = after;
  while (!signal.aborted) {
    const ended = await streamOnce(route, seen, signal, (event) => {
      seen = Math.max(seen, event.seq);
      onEvents([event]);
    });
    if (ended) return;
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
};

/** Resolves with whether the run has ended; false where the stream broke. */
function streamOnce(
  route: string,
  after: number,
  signal: AbortSignal,
  onEvent: (event: RunEvent) => void,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const source = new EventSource(address(`${route}/events?after=${after}`));
  const end = (ended: boolean): void => {
    source.close();
    resolve(ended);
  };
  signal.addEventListener("abort", () => end(true), { once: true });
  source.addEventListener("message", (message) => {
    const event: RunEvent = JSON.parse(String(message.data));
    onEvent(event);
    if (event.type === "ended") end(true);
  });
  // Also of a run that was cut off, and never told its end.
  source.addEventListener("end", () => end(true));
  source.addEventListener("error", () => end(signal.aborted));
  return promise;
}
