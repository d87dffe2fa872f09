import { mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { z } from "zod";
import { describeFailure } from "../../src/commands/describe-failure.ts";
import { asFailure, exitCodes } from "../../src/failure/failure.ts";
import { measureBrowsing } from "./panel/measure-browsing.ts";
import { measureFirstView } from "./panel/measure-first-view.ts";
import { measureOverview } from "./panel/measure-overview.ts";
import { serveVault } from "./panel/serve-vault.ts";
import { table } from "./table.ts";

/* `scripts/bench --panel`: how long the panel and whoever looks at it wait, with large backups and a full vault. */

const amount = z.coerce.number().int().min(1);
const options = z.object({ entries: amount, modules: amount, backups: amount, dir: z.string(), json: z.boolean() });

async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: {
      panel: { type: "boolean" },
      entries: { type: "string", default: "1000000" },
      modules: { type: "string", default: "200" },
      backups: { type: "string", default: "20000" },
      dir: { type: "string", default: tmpdir() },
      json: { type: "boolean", default: false },
    },
  });
  const { panel: _, ...given } = values;
  const { entries, modules, backups, dir, json } = options.parse(given);
  const folder = mkdtempSync(join(resolve(dir), "davit-bench-panel-"));
  try {
    const figures = await measureBrowsing(join(folder, "indexes"), entries);
    const served = await serveVault(join(folder, "home"), modules, Math.ceil(backups / modules));
    try {
      figures.push(...(await measureOverview(served)), ...(await measureFirstView(served)));
    } finally {
      await served.close();
    }
    const rows = figures.map(({ what, figure, target, met }) => [what, figure, target ?? "", verdict(met)]);
    console.log(json ? JSON.stringify(figures, null, 2) : table(["", "figure", "target", ""], rows).join("\n"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function verdict(met: boolean | undefined): string {
  return met === undefined ? "" : met ? "met" : "missed";
}

try {
  await measure();
} catch (thrown) {
  const failure = asFailure(thrown);
  console.error(`error: ${describeFailure(failure)}`);
  process.exitCode = exitCodes[failure.kind];
}
