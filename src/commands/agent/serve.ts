import type { AgentConfig } from "../../config/agent-config.ts";
import { Failure } from "../../failure/failure.ts";
import type { AgentCommand } from "./agent-command.ts";

/** `start` runs the agent's service; it is given, since commands do not know the programs. */
export function createAgentServe(start: (config: AgentConfig, signal: AbortSignal) => Promise<void>): AgentCommand {
  return {
    name: "serve",
    summary: "run the agent: schedule, and the link to sidecars",
    usage: `davit agent serve

Runs until SIGTERM or SIGINT, then ends every run cleanly and lets machines go. \`davit agent install\` makes a service of it.
The log is JSON, a line an event, on standard error; readable lines on a terminal.`,
    async run({ names, signal, config }) {
      if (names.length > 0) throw new Failure("usage", "serve takes no names");
      await start(config(), signal);
      return 0;
    },
  };
}
