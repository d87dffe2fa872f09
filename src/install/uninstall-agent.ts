import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { runProgram } from "../command/run-program.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { drillUserFile, type InstalledProgram, installedProgram, unitFile } from "./install-agent.ts";
import type { InstallStep } from "./install-step.ts";
import { unitName } from "./systemd-unit.ts";

export interface UninstallOrder {
  root: string;
  /** What asks: the executable goes with its unit, a checkout stays. */
  program: InstalledProgram;
  dryRun: boolean;
  signal: AbortSignal;
}

/** The agent has three minutes to end its runs. */
const limitMs = 240_000;

/** Stops the agent and removes its unit and program. Configuration, state and every backup stay. */
export async function uninstallAgent({ root, program, dryRun, signal }: UninstallOrder): Promise<InstallStep[]> {
  const steps: InstallStep[] = [];
  const unit = path.join(root, unitFile);
  if (existsSync(unit)) {
    const isRunning = root === "/" && existsSync("/run/systemd/system");
    const args = isRunning
      ? ["--quiet", "disable", "--now", unitName]
      : [`--root=${root}`, "--quiet", "disable", unitName];
    const what = isRunning ? `stop ${unitName}, and start it no more` : `start ${unitName} no more`;
    const result = dryRun ? null : await runProgram({ program: "systemctl", args, timeoutMs: limitMs, signal });
    if (result === null) steps.push({ what, outcome: "wanted" });
    else if (result.code === 0) steps.push({ what, outcome: "changed" });
    else steps.push({ what, outcome: "left", note: result.stderr.trim() });
    steps.push(await remove(unit, dryRun));
    if (isRunning && !dryRun)
      await runProgram({ program: "systemctl", args: ["daemon-reload"], timeoutMs: limitMs, signal });
  }
  const user = path.join(root, drillUserFile);
  if (existsSync(user)) steps.push(await remove(user, dryRun));
  const installed = path.join(root, installedProgram);
  if (program.isExecutable && existsSync(installed)) steps.push(await remove(installed, dryRun));
  return steps;
}

async function remove(file: string, dryRun: boolean): Promise<InstallStep> {
  if (dryRun) return { what: file, outcome: "wanted" };
  try {
    await rm(file);
    return { what: file, outcome: "removed" };
  } catch (thrown) {
    throw storageFailure(`can't remove ${file}`, thrown);
  }
}
