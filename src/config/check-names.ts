import { Failure } from "../failure/failure.ts";
import { nearestName } from "../failure/nearest-name.ts";
import { notifySecrets, notifySettings } from "./notify-settings.ts";
import { settings } from "./settings.ts";

/** Throws a `config` Failure for a DAVIT_* variable that Davit does not know, naming the nearest that it does. */
export function checkNames(environment: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(environment)) {
    if (!name.startsWith("DAVIT_") || known.includes(name) || ofScripts.has(name) || ofTwins.has(name)) continue;
    const near = nearestName(name, known);
    throw new Failure("config", `unknown environment variable ${name}`, {
      hint: near === null ? `known are ${known.join(", ")}` : `did you mean ${near}?`,
    });
  }
}

/** The same for the agent, which has one variable of its own. */
export function checkAgentNames(environment: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(environment))
    if (name.startsWith("DAVIT_AGENT_") && name !== agentVariable)
      throw new Failure("config", `unknown environment variable ${name}`, {
        hint: `the agent knows ${agentVariable}; all else stands in agent.yaml`,
      });
}

const agentVariable = "DAVIT_AGENT_CONFIG";

const known: readonly string[] = [
  ...[...settings, ...notifySettings].map((setting) => setting.variable).filter((name) => name.startsWith("DAVIT_")),
  "DAVIT_CONFIG",
  "DAVIT_PASSWORD",
  "DAVIT_PASSWORD_FILE",
  "DAVIT_AGENT",
  "DAVIT_AGENT_FILE",
  ...notifySecrets.flatMap((name) => [name, `${name}_FILE`]),
];

// Given by Davit to its twins, see src/config/twin-order.ts.
const ofTwins = new Set(["DAVIT_TWIN_RUN", "DAVIT_TWIN_TRIGGER"]);

// Read by docker-compose.yml, the scripts and the agent; a shell or an env file that sets them for those may start Davit as well.
const ofScripts = new Set([agentVariable, "DAVIT_BASE_IMAGE", "DAVIT_DOCKER_VOLUMES", "DAVIT_HOSTNAME", "DAVIT_PORT"]);
