import { describe, expect, it } from "vitest";
import { z } from "zod";
import { doctorReport, readiness } from "../../src/contract/api.ts";
import type { ApiRoute } from "../../src/contract/api-route.ts";
import { apiRoutes } from "../../src/contract/api-routes.ts";
import { jsonOf, signedInClient, startServer } from "./server.ts";

describe("Davit's own state", () => {
  it("is healthy while it runs, for anybody who asks", async () => {
    const { url } = await startServer();
    expect(await jsonOf(fetch(`${url}/healthz`), apiRoutes.health.answer)).toEqual({ ok: true });
  });

  it("is ready, or not for reasons that are named", async () => {
    const { url, operations } = await startServer();
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await jsonOf(ready, readiness)).toEqual({ ready: true, reasons: [] });
    operations.reasons = ["the Docker engine does not answer", "the vault is read-only"];
    const not = await fetch(`${url}/readyz`);
    expect(not.status).toBe(503);
    expect(await jsonOf(not, readiness)).toEqual({ ready: false, reasons: operations.reasons });
  });

  it("is looked at by the doctor", async () => {
    const { url } = await startServer();
    const { checks } = await jsonOf((await signedInClient(url)).get("/api/v1/doctor"), doctorReport);
    expect(checks).toEqual([{ name: "vault", status: "ok", message: "the vault can be written" }]);
  });

  it("is configured as shown, without secrets", async () => {
    const { url } = await startServer();
    const shown = (await signedInClient(url)).get("/api/v1/config");
    expect(await jsonOf(shown, apiRoutes.showConfig.answer)).toEqual({ vault: "/mnt/backups/docker", password: "set" });
  });
});

const operation = z.looseObject({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.enum(["path", "query", "header"]) })).default([]),
  responses: z.record(z.string(), z.looseObject({ description: z.string() })),
});
const document = z.looseObject({
  openapi: z.literal("3.1.0"),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string().startsWith("/"), z.record(z.enum(["get", "post", "delete"]).or(z.string()), operation)),
  components: z.looseObject({ schemas: z.record(z.string().regex(/^[\w.-]+$/u), z.looseObject({})) }),
});

describe("the API's description", () => {
  it("has every route, with the parameters of its path and who may use it", async () => {
    const { url } = await startServer();
    const { paths } = await jsonOf(fetch(`${url}/api/openapi.json`), document);
    const routes: [string, ApiRoute][] = Object.entries(apiRoutes);
    for (const [name, route] of routes) {
      const described = paths[route.path.replace(/:(\w+)/gu, "{$1}")]?.[route.method];
      expect(described).toMatchObject({ operationId: name });
      const inPath = described?.parameters.filter((one) => one.in === "path").map((one) => one.name);
      expect(inPath).toEqual(Array.from(route.path.matchAll(/:(\w+)/gu), ([, parameter]) => parameter));
      expect(described?.responses).toHaveProperty(String(route.status));
      const how = described?.security.flatMap((one) => Object.keys(one));
      expect(how).toEqual({ open: [], session: ["session"], "signed-in": ["session", "token"] }[route.access]);
    }
    expect(Object.values(paths).flatMap((path) => Object.keys(path))).toHaveLength(routes.length);
  });

  it("refers to nothing that it does not have", async () => {
    const { url } = await startServer();
    const text = await (await fetch(`${url}/api/openapi.json`)).text();
    const { schemas } = document.parse(JSON.parse(text)).components;
    const references = new Set(
      Array.from(text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/gu), ([, id]) => id),
    );
    expect(references.size).toBeGreaterThan(20);
    expect([...references].filter((id) => id === undefined || !(id in schemas))).toEqual([]);
    expect(text.match(/"\$ref":"(?!#\/components\/schemas\/)/gu)).toBeNull();
  });

  it("has no route that changes something by GET", () => {
    const starting = Object.entries<ApiRoute>(apiRoutes).filter(([name]) =>
      /^(?:start|create|revoke|cancel|prune|sign)/u.test(name),
    );
    expect(starting.length).toBeGreaterThan(8);
    expect(starting.filter(([, { method }]) => method === "get")).toEqual([]);
  });
});
