import { existsSync } from "node:fs";
import path from "node:path";
import { defaultAgentConfig } from "../../config/load-agent-config.ts";
import { Failure } from "../../failure/failure.ts";
import { installAgent } from "../../install/install-agent.ts";
import type { AgentCommand } from "./agent-command.ts";
import { describeStep } from "./describe-step.ts";

export const install: AgentCommand = {
  name: "install",
  summary: "make this host ready: program, agent.yaml, folders, systemd unit",
  usage: `davit agent install [--dry-run] [--root DIR]

Puts the program into /usr/local/bin/davit, a commented agent.yaml into /etc/davit unless there is one, makes the folders that
it names, and a systemd unit that is started with the host. Nothing that is there and right is touched, so this can be repeated:
after a change of folders in agent.yaml, and to update the program. The service is not started, nor started anew.

  --dry-run   say what would be done; change nothing
  --root DIR  install into a folder that stands for /, an image that is being built`,
  options: { "dry-run": { type: "boolean" }, root: { type: "string" } },
  async run({ values, names, configFile, config, program, output, signal }) {
    if (names.length > 0) throw new Failure("usage", "install takes no names");
    const dryRun = values["dry-run"] === true;
    const given = values["root"];
    const root = typeof given === "string" ? path.resolve(given) : "/";
    requireRoot(dryRun);
    const there = path.join(root, configFile);
    const settings = existsSync(there) ? { ...config(there), file: configFile } : defaultAgentConfig(configFile);
    const steps = await installAgent({ root, program, config: settings, dryRun, signal });
    for (const step of steps) output.line(describeStep(step));
    for (const line of nextSteps({ configFile, machines: settings.machines.length, dryRun })) output.line(line);
    output.data({ dryRun, steps });
    return steps.some((one) => one.outcome === "left") ? 1 : 0;
  },
};

/** Throws `denied` for who can't do it, before anything is done. */
export function requireRoot(dryRun: boolean): void {
  if (dryRun || process.getuid?.() === 0) return;
  throw new Failure("denied", "only root can do that", {
    hint: "sudo davit agent …; --dry-run shows what would be done",
  });
}

function nextSteps({
  configFile,
  machines,
  dryRun,
}: {
  configFile: string;
  machines: number;
  dryRun: boolean;
}): string[] {
  if (dryRun) return ["", "nothing was changed"];
  return [
    "",
    "what to do next:",
    ...(machines === 0 ? [`  write the machines into ${configFile} (\`virsh list --all\` shows their names)`] : []),
    "  davit agent doctor                   see what is missing",
    "  systemctl restart davit-agent        start it, or have it read agent.yaml again",
    "  davit agent backup MACHINE           take the first backup now",
    "  davit agent pair MACHINE             let Davit in that machine be held for backups, and see them",
  ];
}
