import type { z } from "zod";
import { startedRun } from "./api.ts";

/** One route of the HTTP API, as the server checks it and as docs/api.json describes it. */
export interface ApiRoute {
  readonly method: "get" | "post" | "delete";
  readonly path: `/${string}`;
  readonly summary: string;
  /** `open`: for anybody; `signed-in`: session or API token; `session`: only somebody who signed in with the password. */
  readonly access: "open" | "signed-in" | "session";
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 202 | 204;
  /** Another status that the same answer can come with. */
  readonly otherStatus?: number;
  /** The answer's JSON; absent for an answer without a body. */
  readonly answer?: z.ZodType;
  /** Media types that the same route can answer with instead of JSON. */
  readonly streams?: readonly string[];
}

const signedIn = { access: "signed-in" } as const;

/** A route that shows something. */
export const shown = { ...signedIn, method: "get", status: 200 } as const;

/** A route that changes something at once. */
export const changed = { ...signedIn, method: "post", status: 200 } as const;

/** A route that starts a run, and answers with its id. */
export const started = { ...signedIn, method: "post", status: 202, answer: startedRun } as const;
