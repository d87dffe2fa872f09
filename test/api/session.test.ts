import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { apiError, moduleList, newToken, sessionView, tokenList } from "../../src/contract/api.ts";
import { ensurePassword } from "../../src/api/password.ts";
import { jsonOf, password, signedInClient, signIn, startServer, temporaryState } from "./server.ts";

describe("the password", () => {
  it("is made up and told once where none is configured", async () => {
    const state = await temporaryState();
    const generated = await ensurePassword(state, null);
    expect(generated).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/u);
    expect(await ensurePassword(state, null)).toBeNull();
  });

  it("is stored as a hash that only Davit's user can read", async () => {
    const state = await temporaryState();
    expect(await ensurePassword(state, password)).toBeNull();
    const file = path.join(state, "password.json");
    expect(await readFile(file, "utf8")).not.toContain(password);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(state)).toEqual(["password.json"]);
  });

  it("can be changed by configuring another, which signs everybody out", async () => {
    const first = await startServer();
    const { cookie } = await signedInClient(first.url);
    await first.close();
    await ensurePassword(first.stateDir, "another password");
    const second = await startServer({ stateDir: first.stateDir });
    // startServer configured the usual password again: a second change.
    expect((await fetch(`${second.url}/api/v1/session`, { headers: { cookie } })).status).toBe(401);
    expect((await signIn(second.url, "another password")).status).toBe(401);
    expect((await signIn(second.url)).status).toBe(200);
  });

  it("that can't be read names the file and what to do", async () => {
    const state = await temporaryState();
    await writeFile(path.join(state, "password.json"), "{");
    await expect(ensurePassword(state, null)).rejects.toMatchObject({ kind: "damaged", hint: expect.anything() });
    const folder = await temporaryState();
    await mkdir(path.join(folder, "password.json"));
    await expect(ensurePassword(folder, null)).rejects.toThrow("can't read");
  });
});

describe("a session", () => {
  it("begins with the right password only", async () => {
    const { url } = await startServer();
    const wrong = await signIn(url, "wrong");
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("set-cookie")).toBeNull();
    expect(await jsonOf(wrong, apiError)).toEqual({ error: { kind: "denied", message: "wrong password" } });
    const right = await signIn(url);
    expect(right.status).toBe(200);
    expect(right.headers.get("set-cookie")).toMatch(
      /^davit_session=[\w-]{43}; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/u,
    );
  });

  it("is needed for everything but signing in and health", async () => {
    const { url } = await startServer();
    for (const route of ["session", "modules", "backups", "runs", "config", "doctor", "tokens"]) {
      const response = await fetch(`${url}/api/v1/${route}`);
      expect([route, response.status]).toEqual([route, 401]);
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("marks its cookie secure behind a trusted HTTPS proxy", async () => {
    const { url } = await startServer({ trustProxy: true });
    const response = await fetch(`${url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-proto": "https" },
      body: JSON.stringify({ password }),
    });
    expect(response.headers.get("set-cookie")).toContain("; Secure");
  });

  it("outlives a restart, and its id is not in the state folder", async () => {
    const first = await startServer();
    const { cookie } = await signedInClient(first.url);
    expect(await readFile(path.join(first.stateDir, "sessions.json"), "utf8")).not.toContain(cookie.split("=")[1]);
    await first.close();
    const second = await startServer({ stateDir: first.stateDir });
    expect((await fetch(`${second.url}/api/v1/session`, { headers: { cookie } })).status).toBe(200);
  });

  it("expires", async () => {
    let now = new Date("2026-11-22T00:00:00Z");
    const { url } = await startServer({ now: () => now });
    const client = await signedInClient(url);
    now = new Date("2026-12-05T23:59:59Z");
    expect((await client.get("/api/v1/session")).status).toBe(200);
    now = new Date("2026-12-06T00:00:00Z");
    expect((await client.get("/api/v1/session")).status).toBe(401);
  });

  it("ends with signing out", async () => {
    const { url } = await startServer();
    const client = await signedInClient(url);
    expect((await client.remove("/api/v1/session")).status).toBe(204);
    expect((await client.get("/api/v1/modules")).status).toBe(401);
  });

  it("can't be guessed at length: the eleventh wrong password is refused unread", async () => {
    const { url } = await startServer();
    for (let attempt = 0; attempt < 10; attempt += 1) expect((await signIn(url, "wrong")).status).toBe(401);
    const refused = await signIn(url);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    expect((await jsonOf(refused, apiError)).error.kind).toBe("denied");
  });

  it("may begin again and again with the right password", async () => {
    const { url } = await startServer();
    for (let attempt = 0; attempt < 12; attempt += 1) expect((await signIn(url)).status).toBe(200);
  });

  it("holds behind a proxy that asks for a password of its own", async () => {
    const { url } = await startServer();
    const client = await signedInClient(url);
    expect((await client.get("/api/v1/modules", { authorization: "Basic bWU6c2VjcmV0" })).status).toBe(200);
  });
});

describe("a request that changes state", () => {
  it("is refused without the session's CSRF value", async () => {
    const { url, operations } = await startServer();
    const { cookie, csrf } = await signedInClient(url);
    const other = await signedInClient(url);
    const send = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${url}/api/v1/modules/nas/backup`, { method: "POST", headers: { cookie, ...headers } });
    expect((await send({})).status).toBe(403);
    expect((await send({ "x-davit-csrf": other.csrf })).status).toBe(403);
    expect(operations.asked).toEqual([]);
    expect((await send({ "x-davit-csrf": csrf })).status).toBe(202);
  });

  it("is refused from another origin, signing in included", async () => {
    const { url } = await startServer();
    const { cookie, csrf } = await signedInClient(url);
    const send = (origin: string): Promise<Response> =>
      fetch(`${url}/api/v1/modules/nas/backup`, { method: "POST", headers: { cookie, "x-davit-csrf": csrf, origin } });
    expect((await send("https://evil.example")).status).toBe(403);
    expect((await send("null")).status).toBe(403);
    expect((await send(url)).status).toBe(202);
    const foreign = await fetch(`${url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: "https://evil.example" },
      body: JSON.stringify({ password }),
    });
    expect(foreign.status).toBe(403);
  });
});

describe("an API token", () => {
  it("is shown once, works without a CSRF value, outlives a restart and can be revoked", async () => {
    const first = await startServer();
    const client = await signedInClient(first.url);
    const created = await client.post("/api/v1/tokens", { name: "cron" });
    expect(created.status).toBe(201);
    const { id, token } = await jsonOf(created, newToken);
    expect(await readFile(path.join(first.stateDir, "tokens.json"), "utf8")).not.toContain(token);
    const authorization = `Bearer ${token}`;
    const start = await fetch(`${first.url}/api/v1/modules/nas/backup`, { method: "POST", headers: { authorization } });
    expect(start.status).toBe(202);
    await first.close();

    const second = await startServer({ stateDir: first.stateDir });
    const again = await signedInClient(second.url);
    const modules = fetch(`${second.url}/api/v1/modules`, { headers: { authorization } });
    expect((await jsonOf(modules, moduleList)).modules).toHaveLength(2);
    const { tokens } = await jsonOf(again.get("/api/v1/tokens"), tokenList);
    expect(tokens).toEqual([{ id, name: "cron", created: expect.any(String) }]);
    expect((await again.remove(`/api/v1/tokens/${id}`)).status).toBe(204);
    expect((await again.remove(`/api/v1/tokens/${id}`)).status).toBe(404);
    expect((await fetch(`${second.url}/api/v1/modules`, { headers: { authorization } })).status).toBe(401);
  });

  it("can't manage tokens", async () => {
    const { url } = await startServer();
    const { id, token } = await jsonOf((await signedInClient(url)).post("/api/v1/tokens", { name: "cron" }), newToken);
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const more = await fetch(`${url}/api/v1/tokens`, { method: "POST", headers, body: '{"name":"more"}' });
    expect(more.status).toBe(403);
    expect((await fetch(`${url}/api/v1/tokens`, { headers })).status).toBe(403);
    expect((await fetch(`${url}/api/v1/tokens/${id}`, { method: "DELETE", headers })).status).toBe(403);
    const who = await jsonOf(fetch(`${url}/api/v1/session`, { headers }), sessionView);
    expect(who).toEqual({ csrf: null, expires: null });
  });

  it("that is wrong is not made good by a cookie", async () => {
    const { url } = await startServer();
    const client = await signedInClient(url);
    expect((await client.get("/api/v1/modules", { authorization: "Bearer davit_wrong" })).status).toBe(401);
  });
});

describe("a new password", () => {
  const next = "another horse battery";

  it("holds at once, and signs out everybody else", async () => {
    const { url } = await startServer();
    const [one, other] = [await signedInClient(url), await signedInClient(url)];
    expect((await one.post("/api/v1/password", { current: password, next })).status).toBe(204);
    expect((await one.get("/api/v1/session")).status).toBe(200);
    expect((await other.get("/api/v1/session")).status).toBe(401);
    expect((await signIn(url)).status).toBe(401);
    expect((await signIn(url, next)).status).toBe(200);
  });

  it("is refused where the current one is wrong, it is short, or it stands in the configuration", async () => {
    const { url } = await startServer();
    const client = await signedInClient(url);
    const wrong = await client.post("/api/v1/password", { current: "not this one", next });
    expect([wrong.status, (await jsonOf(wrong, apiError)).error.kind]).toEqual([403, "denied"]);
    expect((await client.post("/api/v1/password", { current: password, next: "too short" })).status).toBe(400);
    const configured = await startServer({ passwordIsConfigured: true });
    const told = await (await signedInClient(configured.url)).post("/api/v1/password", { current: password, next });
    expect((await jsonOf(told, apiError)).error.hint).toContain("change it there");
    for (const one of [url, configured.url]) expect((await signIn(one)).status).toBe(200);
  });
});

describe("Portainer's access tokens", () => {
  /** As strict as Portainer's documentation of `GET /api/users/me`. */
  async function portainer(): Promise<string> {
    const roles: Record<string, number> = { ptr_admin: 1, ptr_user: 2 };
    const server = createServer((request, response) => {
      const role = roles[String(request.headers["x-api-key"])];
      const known = request.method === "GET" && request.url === "/api/users/me" && role !== undefined;
      response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
      response.end(JSON.stringify(known ? { Id: 1, Username: "ann", Role: role } : { message: "Invalid" }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const tryToken = async (url: string, portainerToken: string): Promise<number> => {
    const headers = { "content-type": "application/json" };
    return (await fetch(`${url}/api/v1/session`, { method: "POST", headers, body: JSON.stringify({ portainerToken }) }))
      .status;
  };

  it("open the panel where they are an administrator's, and nowhere unless that is allowed", async () => {
    const { url } = await startServer({ portainer: await portainer() });
    expect(await tryToken(url, "ptr_admin")).toBe(200);
    for (const token of ["ptr_user", "ptr_other"]) expect(await tryToken(url, token)).toBe(401);
    expect(await tryToken(url, "ptr_admin\r\nX-Other: 1")).toBe(400);
    const closed = await startServer();
    expect(await tryToken(closed.url, "ptr_admin")).toBe(401);
  });

  it("open nothing while Portainer does not answer, which is told", async () => {
    const { url } = await startServer({ portainer: "http://127.0.0.1:9" });
    expect(await tryToken(url, "ptr_admin")).toBe(503);
    expect((await signIn(url)).status).toBe(200);
  });
});
