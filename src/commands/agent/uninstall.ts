import { existsSync } from "node:fs";
import path from "node:path";
import { defaultAgentConfig } from "../../config/load-agent-config.ts";
import { Failure } from "../../failure/failure.ts";
import { uninstallAgent } from "../../install/uninstall-agent.ts";
import type { AgentCommand, AgentContext } from "./agent-command.ts";
import { describeStep } from "./describe-step.ts";
import { requireRoot } from "./install.ts";

export const uninstall: AgentCommand = {
  name: "uninstall",
  summary: "stop the agent and remove it; backups and configuration stay",
  usage: `davit agent uninstall [--dry-run] [--root DIR]

Stops the service (its runs are ended cleanly, machines are let go), removes its unit and the program. What it has made stays:
the backups, agent.yaml, its state, copies; where these lie is printed. The host can be restored from the backups with virsh and
qemu-img alone: RESTORE.txt beside them says how.

  --dry-run   say what would be done; change nothing
  --root DIR  the folder that stands for /`,
  options: { "dry-run": { type: "boolean" }, root: { type: "string" } },
  async run(context) {
    const { values, names, output, signal, program } = context;
    if (names.length > 0) throw new Failure("usage", "uninstall takes no names");
    const dryRun = values["dry-run"] === true;
    const given = values["root"];
    const root = typeof given === "string" ? path.resolve(given) : "/";
    requireRoot(dryRun);
    const steps = await uninstallAgent({ root, program, dryRun, signal });
    const kept = keptBy(context, root);
    for (const step of steps) output.line(describeStep(step));
    if (steps.length === 0) output.line("nothing is installed");
    for (const [what, place] of kept) output.line(`${"kept".padEnd(9)}  ${place}: ${what}`);
    output.data({ dryRun, steps, kept: Object.fromEntries(kept) });
    return steps.some((one) => one.outcome === "left") ? 1 : 0;
  },
};

/** What stays, and where. */
function keptBy({ configFile, config }: AgentContext, root: string): [what: string, place: string][] {
  const at = (place: string): string => path.join(root, place);
  const { vault, state, copies } = existsSync(at(configFile))
    ? readable(config, at(configFile))
    : defaultAgentConfig(configFile);
  const all: [string, string | null][] = [
    ["backups", vault],
    ["copies", copies],
    ["state", state],
    ["configuration", configFile],
  ];
  return all.flatMap(([what, place]) => (place !== null && existsSync(at(place)) ? [[what, at(place)]] : []));
}

/** A broken file must not keep anybody from getting rid of the agent. */
function readable(config: AgentContext["config"], file: string) {
  try {
    return config(file);
  } catch {
    return defaultAgentConfig(file);
  }
}
