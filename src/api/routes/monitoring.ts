import { apiRoutes } from "../../contract/api-routes.ts";
import { metricsText, metricsType } from "../metrics-text.ts";
import type { Operations } from "../operations.ts";
import { answered, type Server, serveRoute } from "../serve-route.ts";
import { widgetOf } from "../widget-of.ts";

/** Runs that the metrics count. */
const countedRuns = 1000;

/** What other programs watch Davit by. */
export function serveMonitoring(server: Server, operations: Operations): void {
  serveRoute(server, apiRoutes.widget, async () => widgetOf(await operations.overview()));
  serveRoute(server, apiRoutes.metrics, async ({ response }) => {
    const [overview, runs] = await Promise.all([operations.overview(), operations.runs({ limit: countedRuns })]);
    const text = await metricsText(overview, runs);
    // Express would write the type's parameters in another order than Prometheus knows them.
    response.setHeader("Content-Type", metricsType);
    response.end(text);
    return answered;
  });
}
