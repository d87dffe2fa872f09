import { apiRoutes } from "../../contract/api-routes.ts";
import type { Operations } from "../operations.ts";
import { type Server, serveRoute } from "../serve-route.ts";

/** How people are told of problems, and whether that works. */
export function serveNotifications(server: Server, operations: Operations): void {
  serveRoute(server, apiRoutes.notifications, () => operations.notifications());
  serveRoute(server, apiRoutes.testNotifications, async ({ signal }) => ({
    deliveries: await operations.testNotifications(signal),
  }));
}
