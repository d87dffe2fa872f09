let csrf = "";

/** What the API said went wrong: `message`, `hint`, and `status`. */
class ApiProblem extends Error {
  constructor(status, { message, hint }) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/** Asks the API; gives the answer's JSON, or null where it has none. */
export async function request(method, route, body) {
  const response = await fetch(`api/v1/${route}`, {
    method,
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(method === "GET" ? {} : { "x-davit-csrf": csrf }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.status === 204) return null;
  const answer = await response
    .json()
    .catch(() => ({ error: { message: `Davit answers with status ${response.status}` } }));
  if (!response.ok) throw new ApiProblem(response.status, answer.error);
  if (typeof answer.csrf === "string") csrf = answer.csrf;
  return answer;
}

/** Why Davit can't do its work now; empty where it can. */
export async function unreadiness() {
  const response = await fetch("readyz");
  if (!response.ok && response.status !== 503) throw new ApiProblem(response.status, (await response.json()).error);
  return (await response.json()).reasons;
}

/**
 * Calls `onEvent` with each event of a run, past ones first, until it ends; then `onEnd` once, with false where the stream
 * was refused. The browser reconnects by itself and goes on where it was.
 */
export function followEvents(route, onEvent, onEnd) {
  const stream = new EventSource(`api/v1/${route}/events`);
  stream.addEventListener("message", ({ data }) => onEvent(JSON.parse(data)));
  stream.addEventListener("end", () => {
    stream.close();
    onEnd(true);
  });
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) onEnd(false);
  });
}
