import { openApiDocument } from "../src/api/open-api.ts";
import { agentExample } from "../src/config/agent-example.ts";
import { labelsDocument } from "../src/discover/labels-document.ts";
import packageJson from "../package.json" with { type: "json" };

/** The files of docs/ that are made from the code, by name. */
export const documents: Readonly<Record<string, string>> = {
  "agent.yaml": agentExample(),
  "api.json": `${JSON.stringify(openApiDocument(packageJson.version), null, 2)}\n`,
  "labels.md": labelsDocument(),
};
