import { apiRoutes } from "../../contract/api-routes.ts";
import { openApiDocument } from "../open-api.ts";
import type { Operations } from "../operations.ts";
import { type Server, serveRoute } from "../serve-route.ts";

/** How Davit itself is, and what the API looks like. */
export function serveSystem(server: Server, operations: Operations, version: string): void {
  serveRoute(server, apiRoutes.health, () => ({ ok: true }) as const);
  serveRoute(server, apiRoutes.ready, async ({ response }) => {
    const readiness = await operations.ready();
    if (!readiness.ready) response.status(503);
    return readiness;
  });
  serveRoute(server, apiRoutes.showConfig, () => operations.printableConfig());
  serveRoute(server, apiRoutes.doctor, async ({ signal }) => ({ checks: await operations.doctor(signal) }));
  const document = openApiDocument(version);
  server.app.get("/api/openapi.json", (_request, response) => {
    response.json(document);
  });
}
