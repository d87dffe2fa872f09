import { Failure } from "../../failure/failure.ts";
import type { PairingLine } from "../../contract/link.ts";
import { AgentLink } from "./connect-agent.ts";

/** What is said where an agent is wanted and none is paired. */
export function notPaired(): Failure {
  return new Failure("config", "no agent is paired with this Davit", {
    hint: "run `davit agent pair` on the physical host, and set DAVIT_AGENT, or DAVIT_AGENT_FILE, to the line that it prints (docs/link.md)",
  });
}

/** The agent of the configuration; a `config` Failure where none is paired. */
export function agentOf({ agent }: { agent: PairingLine | null }): AgentLink {
  if (agent === null) throw notPaired();
  return new AgentLink(agent);
}
