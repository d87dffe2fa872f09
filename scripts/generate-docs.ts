import { writeFile } from "node:fs/promises";
import { labelsDocument } from "../src/discover/labels-document.ts";

await writeFile(new URL("../docs/labels.md", import.meta.url), labelsDocument());
