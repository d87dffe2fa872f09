import { apiRoutes } from "../../contract/api-routes.ts";
import { Failure } from "../../failure/failure.ts";
import { lastSeen, pollEvents, streamEvents } from "../follow-events.ts";
import type { Operations } from "../operations.ts";
import { answered, type Server, serveRoute } from "../serve-route.ts";

/** Clients that may wait for events at the same time, over all runs. */
const mostFollowers = 200;

/** Runs and their events. */
export function serveRuns(server: Server, operations: Operations): void {
  let followers = 0;
  serveRoute(server, apiRoutes.listRuns, async ({ query }) => {
    const { module, limit } = query;
    return { runs: await operations.runs(module === undefined ? { limit } : { module, limit }) };
  });
  serveRoute(server, apiRoutes.followRun, async ({ params, query, request, response, signal }) => {
    if (followers >= mostFollowers) throw new Failure("busy", `${mostFollowers} clients wait for events already`);
    followers += 1;
    try {
      const from = { run: params.run, after: lastSeen(request.get("last-event-id")) ?? query.after };
      if (request.accepts(["json", "text/event-stream"]) !== "text/event-stream")
        return await pollEvents(operations, from, query.wait, signal);
      await streamEvents(operations, from, response, signal);
      return answered;
    } finally {
      followers -= 1;
    }
  });
  serveRoute(server, apiRoutes.cancelRun, async ({ params }) => {
    await operations.cancelRun(params.run);
    return { run: params.run };
  });
}
