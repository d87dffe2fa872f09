/*
 * Runs in a mount namespace of its own, with a file system of 64 KiB as the state folder (argv): fills it up, makes it read-only,
 * and prints what the user gets to see, as JSON.
 */
import { execFileSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { asFailure } from "../../src/failure/failure.ts";
import { openRuns } from "../../src/runs/open-runs.ts";

const state = process.argv[2] ?? "";
const runs = openRuns(state);
const filler = path.join(state, "filler");
const start = () => runs.start({ kind: "backup", module: "nas", trigger: "cli" });
const seen: Record<string, unknown> = {};

const told = async (what: string, work: () => Promise<unknown>): Promise<void> => {
  try {
    await work();
    seen[what] = "no failure";
  } catch (thrown) {
    const { kind, message, hint } = asFailure(thrown);
    seen[what] = { kind, message, hint };
  }
};

const fill = (): void => {
  const { bavail, bsize } = statfsSync(state);
  writeFileSync(filler, Buffer.alloc(bavail * bsize));
};

const run = await start();
run.stage("archive");
fill();
for (let step = 0; step < 200; step++) run.stage(`stage ${step} with a name long enough to fill the page of the file`);
await told("end on a full disk", () => run.end("ok"));
seen["locked after that"] = runs.isLocked("nas");
await told("start on a full disk", start);
rmSync(filler);
seen["runs"] = (await runs.list()).map((one) => one.outcome);
await told("marking", () => runs.markInterrupted());
await told("start after room was made", async () => (await start()).end("ok"));
execFileSync("mount", ["-o", "remount,ro", state]);
await told("start on a read-only disk", start);
seen["runs on a read-only disk"] = (await runs.list()).map((one) => one.outcome);
process.stdout.write(JSON.stringify(seen));
