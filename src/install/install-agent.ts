import { existsSync, lstatSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { runProgram } from "../command/run-program.ts";
import type { AgentConfig } from "../config/agent-config.ts";
import { agentExample } from "../config/agent-example.ts";
import { asFailure } from "../failure/failure.ts";
import type { InstallStep } from "./install-step.ts";
import { putFile } from "./put-file.ts";
import { putFolder } from "./put-folder.ts";
import { systemdUnit, unitName } from "./systemd-unit.ts";

/** What the service is started from: the self-contained executable, which is copied, or the program of a checkout, which is not. */
export interface InstalledProgram {
  file: string;
  isExecutable: boolean;
}

export interface InstallOrder {
  /** What stands for `/`: a folder for an image that is being built. */
  root: string;
  program: InstalledProgram;
  /** As agent.yaml says, or defaults where there is none. */
  config: AgentConfig;
  dryRun: boolean;
  signal: AbortSignal;
}

/** Where the executable is put. */
export const installedProgram = "/usr/local/bin/davit";
const usualConfig = "/etc/davit/agent.yaml";
const limitMs = 60_000;

/**
 * Makes this host ready for the agent: the program, agent.yaml with comments unless there is one, folders that QEMU can come
 * through, the systemd unit, which starts with the host from then on. It is not started here. What is as it should be stays
 * untouched, so that a second time changes nothing.
 */
export async function installAgent({ root, program, config, dryRun, signal }: InstallOrder): Promise<InstallStep[]> {
  const at = (file: string): string => path.join(root, file);
  const steps: InstallStep[] = [];
  if (program.isExecutable)
    steps.push(await putFile({ file: at(installedProgram), mode: 0o755, content: { copyOf: program.file } }, dryRun));
  steps.push(
    await putFile({ file: at(config.file), mode: 0o644, content: agentExample(), isUsers: true }, dryRun),
    // QEMU, which is another user, comes through these to what it is to write or to boot, and sees nothing else.
    await putFolder(at(config.state), 0o711, dryRun),
    await putFolder(at(config.scratch), 0o711, dryRun),
    await putFolder(at(config.vault), 0o711, dryRun),
  );
  if (config.copies !== null) steps.push(await putFolder(at(config.copies), 0o700, dryRun));
  const user = await putFile({ file: at(drillUserFile), mode: 0o644, content: drillUser }, dryRun);
  steps.push(user);
  if (!dryRun && !(await hasUser(at("/etc/passwd")))) {
    const problem = await tell("systemd-sysusers", [`--root=${root}`, path.basename(drillUserFile)], signal);
    if (problem !== null) steps.push({ what: "the user davit-drill", outcome: "left", note: problem });
  }
  const unit = await putFile({ file: at(unitFile), mode: 0o644, content: unitFor(program, config) }, dryRun);
  steps.push(unit, await enable(root, unit.outcome !== "kept", { dryRun, signal }));
  return steps;
}

/** Whom boot drills are run as: a user of their own, with no rights at all (sysusers.d(5)). */
export const drillUserFile = "/etc/sysusers.d/davit-agent.conf";
const drillUser =
  '# Written by `davit agent install`: whom boot drills are run as.\nu davit-drill - "Davit\'s boot drills" -\n';

async function hasUser(passwd: string): Promise<boolean> {
  return /^davit-drill:/mu.test(await readFile(passwd, "utf8").catch(() => ""));
}

/** Where the unit lies. */
export const unitFile = `/etc/systemd/system/${unitName}`;

/** The unit as it has to be for a configuration. */
export function unitFor(program: InstalledProgram, { file, vault, state, scratch, copies }: AgentConfig): string {
  const started = program.isExecutable ? installedProgram : program.file;
  return systemdUnit({
    command: [started, "agent", "serve"],
    configFile: file === usualConfig ? null : file,
    writable: [...new Set([vault, state, scratch, ...(copies === null ? [] : [copies])])],
  });
}

/** Has systemd read the unit, and start it with the host. */
async function enable(
  root: string,
  isNew: boolean,
  { dryRun, signal }: { dryRun: boolean; signal: AbortSignal },
): Promise<InstallStep> {
  const what = `start ${unitName} with the host`;
  const wants = path.join(root, "/etc/systemd/system/multi-user.target.wants", unitName);
  const isRunning = root === "/" && existsSync("/run/systemd/system");
  // A link that leads nowhere from here, where the unit lies below another root.
  if (lstatSync(wants, { throwIfNoEntry: false }) !== undefined && !isNew) return { what, outcome: "kept" };
  if (dryRun) return { what, outcome: "wanted" };
  const words = isRunning ? [] : [`--root=${root}`];
  if (isRunning) await tell("systemctl", ["daemon-reload"], signal);
  const problem = await tell("systemctl", [...words, "--quiet", "enable", unitName], signal);
  return problem === null ? { what, outcome: "made" } : { what, outcome: "left", note: problem };
}

/** Runs a program of systemd; null where it went well, else why not. */
async function tell(program: string, args: readonly string[], signal: AbortSignal): Promise<string | null> {
  try {
    const { code, stderr } = await runProgram({ program, args, timeoutMs: limitMs, signal });
    return code === 0 ? null : `${program} ${args.join(" ")}: ${stderr.trim()}`;
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.kind !== "missing") throw failure;
    return `${program} is not there: without systemd, see to it yourself that \`davit agent serve\` is started`;
  }
}
