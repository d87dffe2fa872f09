import type { Machine } from "../../contract/machine.ts";
import { Failure } from "../../failure/failure.ts";
import { nearestName } from "../../failure/nearest-name.ts";
import type { Host } from "./host.ts";

/** The machine of that name in agent.yaml; a `missing` Failure names what there is instead. */
export function findMachine(host: Pick<Host, "config">, name: string): Machine {
  const { machines } = host.config;
  const found = machines.find((one) => one.name === name);
  if (found !== undefined) return found;
  const known = machines.map((one) => one.name);
  const near = nearestName(name, known);
  const meant = near === null ? "" : `did you mean ${near}? `;
  const there = known.length === 0 ? "agent.yaml names none" : `agent.yaml has ${known.join(", ")}`;
  throw new Failure("missing", `there is no machine ${name}`, { hint: `${meant}${there}` });
}
