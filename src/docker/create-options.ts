import { z } from "zod";

/**
 * What the client's `create…` methods take, with the name in the query and all else in the body: left to itself the client
 * writes the whole body into the address as well, passwords included, which then stand in the logs of a proxy.
 */
export function createOptions<T>(options: {
  query: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
  abortSignal: AbortSignal;
}): T {
  const { query, body, abortSignal } = options;
  return z.custom<T>().parse({ _query: query, _body: body, abortSignal });
}
