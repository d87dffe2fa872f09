import { linkRoutes } from "../../contract/link.ts";
import type { MachineStatus } from "../../contract/machine.ts";
import type { RunEvent } from "../../contract/run-event.ts";
import type { MachineOperations } from "../machine-operations.ts";
import { Rejected } from "../rejected.ts";
import { maySee, type Pairing } from "./pairings.ts";
import { type LinkApp, serveLinkRoute } from "./serve-link-route.ts";

/** Machines, their jobs and what these did. A sidecar sees those of its pairing, which are in the agent's configuration. */
export function serveMachines(link: LinkApp, operations: MachineOperations): void {
  const visible = async (pairing: Pairing): Promise<MachineStatus[]> =>
    (await operations.machines()).filter(({ name }) => maySee(pairing, name));
  const require = async (pairing: Pairing, machine: string): Promise<void> => {
    if ((await visible(pairing)).some((one) => one.name === machine)) return;
    throw new Rejected("unknown-machine", `the agent has no machine ${machine} for this pairing`, {
      hint: "agent.yaml on the host names the machines, and `davit agent pair` says which of them a sidecar may see",
    });
  };
  const requireRun = async (machine: string, run: string): Promise<RunEvent[]> => {
    const events = await operations.runEvents(run, 0);
    const [first] = events;
    if (first?.type === "started" && first.module === machine) return events;
    throw new Rejected("unknown-run", `${machine} has no run ${run}`);
  };

  serveLinkRoute(link, linkRoutes.listMachines, async ({ pairing }) => ({ machines: await visible(pairing) }));
  serveLinkRoute(link, linkRoutes.startJob, async ({ params: { machine }, body, pairing }) => {
    await require(pairing, machine);
    return { run: await operations.start(machine, body.job) };
  });
  serveLinkRoute(link, linkRoutes.listRuns, async ({ params: { machine }, query, pairing }) => {
    await require(pairing, machine);
    return { runs: await operations.runs(machine, query.limit) };
  });
  serveLinkRoute(link, linkRoutes.readRun, async ({ params: { machine, run }, query, pairing, signal }) => {
    await require(pairing, machine);
    const past = await requireRun(machine, run);
    const { after, wait } = query;
    const hasEnd = (events: readonly RunEvent[]): boolean => events.at(-1)?.type === "ended";
    const events = past.filter((event) => event.seq > after);
    if (events.length > 0 || wait === 0 || hasEnd(past)) return { events, ended: hasEnd(past) };
    const waited = AbortSignal.any([signal, AbortSignal.timeout(wait * 1000)]);
    for await (const event of operations.followRun(run, after, waited)) {
      const more = await operations.runEvents(run, event.seq);
      const all = [event, ...more];
      return { events: all, ended: hasEnd(all) };
    }
    // Nothing came: the time is up, or the run was cut off.
    return { events: [], ended: !waited.aborted };
  });
  serveLinkRoute(link, linkRoutes.screenshot, async ({ params, pairing, response }) => {
    const { machine, chain, point } = params;
    await require(pairing, machine);
    const file = await operations.screenshot(machine, chain, point);
    if (file === null)
      throw new Rejected("unknown-point", `there is no picture of a boot drill of ${machine}/${chain}/${point}`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    response.type("png");
    response.sendFile(file, { dotfiles: "allow", cacheControl: false, etag: false }, (error?: Error) =>
      error === undefined ? resolve() : reject(error),
    );
    await promise;
  });
}
