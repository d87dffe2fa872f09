import { writeFileSync } from "node:fs";
import { openApiDocument } from "../src/api/open-api.ts";
import packageJson from "../package.json" with { type: "json" };

writeFileSync(
  new URL("../docs/api.json", import.meta.url),
  `${JSON.stringify(openApiDocument(packageJson.version), null, 2)}\n`,
);
