import { Failure } from "../failure/failure.ts";
import { nearestName } from "../failure/nearest-name.ts";
import { settings } from "./settings.ts";

/** Throws a `config` Failure for a DAVIT_* variable that Davit does not know, naming the nearest that it does. */
export function checkNames(environment: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(environment)) {
    if (!name.startsWith("DAVIT_") || known.includes(name) || ofScripts.has(name)) continue;
    const near = nearestName(name, known);
    throw new Failure("config", `unknown environment variable ${name}`, {
      hint: near === null ? `known are ${known.join(", ")}` : `did you mean ${near}?`,
    });
  }
}

const known: readonly string[] = [
  ...settings.map((setting) => setting.variable).filter((name) => name.startsWith("DAVIT_")),
  "DAVIT_CONFIG",
  "DAVIT_PASSWORD",
  "DAVIT_PASSWORD_FILE",
];

// Read by docker-compose.yml and the scripts; a shell or an env file that sets them for those may start Davit as well.
const ofScripts = new Set(["DAVIT_BASE_IMAGE", "DAVIT_DOCKER_VOLUMES", "DAVIT_HOSTNAME", "DAVIT_PORT"]);
