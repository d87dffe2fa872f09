import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const [output = "", commit = "unknown"] = process.argv.slice(2);

// One script of everything that src/agent.ts loads, as Node's single executable applications want it.
const bundle = await rolldown({
  input: fileURLToPath(new URL("../../src/agent.ts", import.meta.url)),
  platform: "node",
  transform: { define: { DAVIT_COMMIT: JSON.stringify(commit) } },
  resolve: { alias: { koffi: fileURLToPath(new URL("koffi-from-asset.ts", import.meta.url)) } },
});
await bundle.write({ file: output, format: "cjs", codeSplitting: false, minify: false, sourcemap: false });
await bundle.close();
