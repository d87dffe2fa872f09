/* A process that starts a backup run of module `nas` in the state folder of argv, says its id, and stays. */
import { openRuns } from "../../src/runs/open-runs.ts";

const run = await openRuns(process.argv[2] ?? "").start({ kind: "backup", module: "nas", trigger: "schedule" });
run.stage("archive");
process.stdout.write(`${run.id}\n`);
setInterval(() => undefined, 1000);
