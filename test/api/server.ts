import { randomBytes, scryptSync } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pino } from "pino";
import { afterEach } from "vitest";
import type { z } from "zod";
import { sessionView } from "../../src/contract/api.ts";
import { type ApiOptions, createApi } from "../../src/api/create-api.ts";
import { ensurePassword } from "../../src/api/password.ts";
import { FakeOperations } from "../fakes/operations.ts";

export const password = "correct horse battery";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** An empty state folder; removed after the test. */
export async function temporaryState(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "davit-api-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestServer {
  url: string;
  operations: FakeOperations;
  stateDir: string;
  close(): Promise<void>;
}

/** A server on a free port, closed after the test. */
export async function startServer(more: Partial<ApiOptions> = {}): Promise<TestServer> {
  const stateDir = more.stateDir ?? (await temporaryState());
  if (!existsSync(path.join(stateDir, "password.json"))) await storeCheapHash(stateDir);
  await ensurePassword(stateDir, password);
  const operations = new FakeOperations();
  const log = pino({ level: "silent" });
  const api = await createApi({ operations, stateDir, log, version: "0.1.0", ...more });
  const { url } = await api.listen({ host: "127.0.0.1", port: 0 });
  cleanups.push(() => api.close());
  return { url, operations, stateDir, close: () => api.close() };
}

/** The password as Davit stores it, hashed at a cost that lets hundreds of tests sign in. */
async function storeCheapHash(stateDir: string): Promise<void> {
  const cost = { cost: 1024, blockSize: 8, parallelization: 1 };
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, cost);
  const stored = {
    format: 1,
    algorithm: "scrypt",
    ...cost,
    salt: salt.toString("base64"),
    hash: hash.toString("base64"),
  };
  await writeFile(path.join(stateDir, "password.json"), JSON.stringify(stored));
}

export interface Client {
  cookie: string;
  csrf: string;
  get(route: string, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>;
  post(route: string, body?: unknown): Promise<Response>;
  remove(route: string): Promise<Response>;
}

export function signIn(url: string, attempt = password): Promise<Response> {
  return fetch(`${url}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ password: attempt }),
  });
}

/** A browser that signed in. */
export async function signedInClient(url: string): Promise<Client> {
  const response = await signIn(url);
  const cookie = (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const csrf = sessionView.parse(await response.json()).csrf ?? "";
  type Init = Omit<RequestInit, "headers"> & { headers: Record<string, string> };
  const ask = (method: string, route: string, init: Init): Promise<Response> =>
    fetch(`${url}${route}`, { method, ...init, headers: { cookie, ...init.headers } });
  const json = { "x-davit-csrf": csrf, "content-type": "application/json" };
  return {
    cookie,
    csrf,
    get: (route, headers = {}, signal) => ask("GET", route, { headers, ...(signal === undefined ? {} : { signal }) }),
    post: (route, body = {}) => ask("POST", route, { headers: json, body: JSON.stringify(body) }),
    remove: (route) => ask("DELETE", route, { headers: json }),
  };
}

/** The parsed JSON of an answer. */
export async function jsonOf<T>(response: Response | Promise<Response>, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(await (await response).json());
}
