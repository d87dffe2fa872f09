import { pipeline } from "node:stream/promises";
import { apiRoutes } from "../../contract/api-routes.ts";
import { asFailure } from "../../failure/failure.ts";
import { notPaired } from "../../link/sidecar/not-paired.ts";
import type { AgentOperations } from "../agent-operations.ts";
import { lastSeen, streamEvents } from "../follow-events.ts";
import type { Operations } from "../operations.ts";
import { answered, type Server, serveRoute } from "../serve-route.ts";

/** The machines of the agent on the physical host, and what can be done with one from here. */
export function serveMachines(server: Server, operations: Operations): void {
  const agent = (): AgentOperations => {
    if (operations.agent === null) throw notPaired();
    return operations.agent;
  };

  serveRoute(server, apiRoutes.listMachines, async ({ signal }) => {
    if (operations.agent === null) return { agent: null, machines: [] };
    const { address } = operations.agent;
    try {
      return { agent: { address, problem: null }, machines: await operations.agent.machines(signal) };
    } catch (thrown) {
      // What else the page shows does not depend on the agent.
      const { kind, message, hint } = asFailure(thrown);
      return { agent: { address, problem: { kind, message, ...(hint !== undefined && { hint }) } }, machines: [] };
    }
  });
  serveRoute(server, apiRoutes.startMachineJob, async ({ params, body, signal }) => ({
    run: await agent().startJob(params.machine, body.job, signal),
  }));
  serveRoute(server, apiRoutes.listMachineRuns, async ({ params, query, signal }) => ({
    runs: await agent().runs(params.machine, query.limit, signal),
  }));
  serveRoute(server, apiRoutes.followMachineRun, async ({ params, query, request, response, signal }) => {
    const after = lastSeen(request.get("last-event-id")) ?? query.after;
    const link = agent();
    if (request.accepts(["json", "text/event-stream"]) !== "text/event-stream")
      return link.runEvents(params, after, query.wait, signal);
    const followed = {
      runEvents: async (_run: string, from: number) => (await link.runEvents(params, from, 0, signal)).events,
      followRun: (_run: string, from: number, over: AbortSignal) => link.followRun(params, from, over),
    };
    await streamEvents(followed, { run: params.run, after }, response, signal);
    return answered;
  });
  serveRoute(server, apiRoutes.showScreenshot, async ({ params, response, signal }) => {
    const picture = await agent().screenshot(params.machine, params.chain, params.point, signal);
    response.type("png");
    await pipeline(picture, response, { signal });
    return answered;
  });
}
