import { liveRun } from "./live-run.js";
import { agentProblem, machineCard, newestPoint, toneOf } from "./machine-card.js";
import { request } from "./request.js";

const at = (id) => document.getElementById(id);
/** The jobs that were started here and go on, by machine. */
const live = new Map();
let shown = null;

/**
 * Asks the agent on the physical host for its machines and shows them; nothing is shown where none is paired. It is asked apart from all else,
 * since it may be long in answering, or not there.
 */
export async function refreshMachines(attempt, keepPlace) {
  const { agent, machines } = await request("GET", "machines");
  shown = { agent, machines };
  draw(attempt, keepPlace);
}

/** The machines that are not safe, each with the reason in a few words. */
export function machinesAtRisk() {
  return (shown?.machines ?? []).flatMap((machine) => {
    const newest = newestPoint(machine);
    if (toneOf(machine, newest) !== "bad") return [];
    const proof = newest === null ? "no point yet" : "its newest point failed a check";
    return [{ name: machine.name, word: machine.problem ?? proof }];
  });
}

function draw(attempt, keepPlace) {
  const { agent, machines } = shown;
  at("machines-section").hidden = agent === null;
  if (agent === null) return;
  const start = (name, job) =>
    attempt(async () => {
      const route = `machines/${encodeURIComponent(name)}`;
      const { run } = await request("POST", `${route}/jobs`, { job });
      const events = `${route}/runs/${encodeURIComponent(run)}`;
      const going = { run, route: events, kind: job === "incremental" ? "backup" : job, stage: null, progress: null };
      live.set(
        name,
        liveRun(going, () => {
          live.delete(name);
          void attempt(() => refreshMachines(attempt, keepPlace));
        }),
      );
      draw(attempt, keepPlace);
    });
  const cards = machines.map((machine) => machineCard(machine, live.get(machine.name), start));
  keepPlace(() => at("machines").replaceChildren(...(agent.problem === null ? cards : [agentProblem(agent)])));
}
