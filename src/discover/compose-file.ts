import { stringify } from "yaml";
import type { Module } from "../contract/module.ts";
import { composeNetwork, composeVolume } from "./compose-networks.ts";
import { composeService, serviceName } from "./compose-service.ts";
import { type ModuleDocuments, networkNames, volumeNames } from "./module-documents.ts";

/**
 * The module written back as a compose file that starts the same containers, each image by its digest, accepted by compose 2
 * and by docker-compose 1.29. Networks and volumes keep their names. What compose added by itself is left out.
 */
export function composeFile(
  documents: Omit<ModuleDocuments, "warnings">,
  module: Pick<Module, "name" | "containers">,
): string {
  const { containers, networks, volumes } = documents;
  const services = containers.map((one) => [
    serviceName(one, containers),
    pruned(composeService(one, containers, module)),
  ]);
  const project = containers[0]?.Config.Labels?.["com.docker.compose.project"];
  const file = pruned({
    services: Object.fromEntries(services),
    networks: named(networkNames(containers), (name) =>
      composeNetwork(
        name,
        networks.find((one) => one.Name === name),
        project,
      ),
    ),
    volumes: named(volumeNames(containers), (name) =>
      composeVolume(
        name,
        volumes.find((one) => one.Name === name),
      ),
    ),
  });
  const own = module.name.toLowerCase().replace(/[^a-z0-9_-]/gu, "-");
  return [
    `# Written by Davit from what the engine said of the containers of ${module.name}. To start them:`,
    `#   docker compose -p ${own} -f compose.yaml up -d`,
    stringify(file, { lineWidth: 0 }),
  ].join("\n");
}

function named(names: readonly string[], describe: (name: string) => object): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, describe(name)]));
}

/** Without what is empty; what lies deeper is left as it is, since an empty value means something there. */
function pruned(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, one]: [string, unknown]) => !isEmpty(one)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
