import { describe, expect, it } from "vitest";
import { apiError } from "../../src/contract/api.ts";
import { jsonOf, signedInClient, startServer } from "./server.ts";

describe("a request that makes no sense", () => {
  it("for an unknown route is a 404 in JSON", async () => {
    const { url } = await startServer();
    for (const route of ["/api/v1/nothing", "/api/v2/modules", "/api", "/nothing.html", "/../package.json"]) {
      const answer = await fetch(`${url}${route}`);
      expect([route, answer.status]).toEqual([route, 404]);
      expect((await jsonOf(answer, apiError)).error.kind).toBe("missing");
    }
  });

  it("with the wrong method says which are right", async () => {
    const { url } = await startServer();
    const client = await signedInClient(url);
    const answer = await client.get("/api/v1/modules/nas/backup");
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await jsonOf(answer, apiError)).error.message).toBe("/api/v1/modules/nas/backup takes POST, not GET");
    const session = await fetch(`${url}/api/v1/session`, { method: "PUT" });
    expect([session.status, session.headers.get("allow")]).toEqual([405, "POST, GET, DELETE"]);
    expect((await fetch(`${url}/healthz`, { method: "POST" })).status).toBe(405);
  });

  it("with bad JSON is refused", async () => {
    const { url } = await startServer();
    const { cookie, csrf } = await signedInClient(url);
    const send = (body: string): Promise<Response> =>
      fetch(`${url}/api/v1/tokens`, {
        method: "POST",
        headers: { cookie, "x-davit-csrf": csrf, "content-type": "application/json" },
        body,
      });
    for (const body of [
      '{"name":',
      '"text"',
      "[]",
      "null",
      '{"name":1}',
      '{"name":"a","more":1}',
      '{"__proto__":{}}',
    ]) {
      const answer = await send(body);
      expect([body, answer.status]).toEqual([body, 400]);
      expect((await jsonOf(answer, apiError)).error.kind).toBe("usage");
    }
  });

  it("with a body of another type is refused before it is read", async () => {
    const { url } = await startServer();
    const form = await fetch(`${url}/api/v1/session`, { method: "POST", body: new URLSearchParams({ password: "a" }) });
    expect(form.status).toBe(415);
    expect((await jsonOf(form, apiError)).error).toMatchObject({ kind: "usage", message: "the body is not JSON" });
  });

  it("with a body that is too large is refused, much earlier for who has not signed in", async () => {
    const { url } = await startServer();
    const client = await signedInClient(url);
    const kept = { target: "/tmp/back", paths: Array.from({ length: 9000 }, () => "a".repeat(100)) };
    expect((await client.post("/api/v1/backups/nas/latest/restore", kept)).status).toBe(202);
    const large = await client.post("/api/v1/tokens", { name: "a".repeat(5_000_000) });
    expect(large.status).toBe(413);
    await jsonOf(large, apiError);
    const stranger = await fetch(`${url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ password: "a".repeat(5000) }),
    });
    expect(stranger.status).toBe(413);
  });

  it.each([
    ["/api/v1/modules/.hidden", "module"],
    ["/api/v1/modules/a%2Fb", "module"],
    [`/api/v1/modules/${"a".repeat(101)}`, "module"],
    ["/api/v1/backups/nas/yesterday", "time"],
    ["/api/v1/backups/nas/latest/files?limit=0x10", "limit"],
    ["/api/v1/backups/nas/latest/files?limit=10001", "limit"],
    ["/api/v1/backups/nas/latest/files?skip=-1", "skip"],
    ["/api/v1/backups/nas/latest/files?skip=1&skip=2", "skip"],
    ["/api/v1/backups/nas/latest/files?prefix64=%", "prefix64"],
    ["/api/v1/backups/nas/latest/files?folder=etc", "folder"],
    ["/api/v1/backups?module=..", "module"],
    ["/api/v1/runs?limit=1001", "limit"],
    ["/api/v1/runs/..%2F..%2Fetc/events", "run"],
    ["/api/v1/runs/none/events?wait=61", "wait"],
  ])("as %s is refused by name: %s", async (route, name) => {
    const { url } = await startServer();
    const answer = await (await signedInClient(url)).get(route);
    expect(answer.status).toBe(400);
    const { error } = await jsonOf(answer, apiError);
    expect(error).toMatchObject({ kind: "usage", message: expect.stringContaining(name) });
  });

  it("with a path that can't be decoded is refused", async () => {
    const { url } = await startServer();
    const answer = await (await signedInClient(url)).get("/api/v1/modules/%E0%A4%A");
    expect(answer.status).toBe(400);
    await jsonOf(answer, apiError);
  });
});

describe("every answer", () => {
  it("of a failure has message and hint, and no stack", async () => {
    const { url, operations } = await startServer();
    operations.modules = () => Promise.reject(new TypeError("something broke"));
    const answer = await (await signedInClient(url)).get("/api/v1/modules");
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ error: { kind: "failed", message: "something broke" } });
  });

  it("keeps browsers from guessing, framing, caching and running what is not Davit's", async () => {
    const { url } = await startServer();
    for (const route of ["/", "/assets/index.js", "/api/v1/modules", "/nothing"]) {
      const { headers } = await fetch(`${url}${route}`);
      expect(Object.fromEntries(headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
      });
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("unsafe");
      expect(headers.get("x-powered-by")).toBeNull();
    }
    expect((await fetch(`${url}/api/v1/modules`)).headers.get("cache-control")).toBe("no-store");
  });

  it("lets the panel be framed by those that are named, and by nobody else", async () => {
    const { url } = await startServer({ frameAncestors: ["https://dashboard.lan"] });
    const { headers } = await fetch(`${url}/`);
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'self' https://dashboard.lan");
    expect(headers.get("x-frame-options")).toBeNull();
  });
});
