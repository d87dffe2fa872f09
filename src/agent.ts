import { isSea } from "node:sea";
import { fileURLToPath } from "node:url";
import type { AgentCommand } from "./commands/agent/agent-command.ts";
import { backup } from "./commands/agent/backup.ts";
import { config } from "./commands/agent/config.ts";
import { doctor } from "./commands/agent/doctor.ts";
import { drill } from "./commands/agent/drill.ts";
import { install } from "./commands/agent/install.ts";
import { list } from "./commands/agent/list.ts";
import { machines } from "./commands/agent/machines.ts";
import { pair } from "./commands/agent/pair.ts";
import { prune } from "./commands/agent/prune.ts";
import { restore } from "./commands/agent/restore.ts";
import { createAgentServe } from "./commands/agent/serve.ts";
import { uninstall } from "./commands/agent/uninstall.ts";
import { verify } from "./commands/agent/verify.ts";
import { runCommandLine } from "./commands/run-command-line.ts";
import { createRuns } from "./commands/runs.ts";
import { buildVersion } from "./config/build-version.ts";
import { agentConfigFile, loadAgentConfig } from "./config/load-agent-config.ts";
import { openHost } from "./flow/machine/open-host.ts";
import { holdThroughAgent } from "./link/agent/local-holds.ts";

const commands: readonly AgentCommand[] = [
  // Loaded when it is asked for: the other verbs need no web server.
  createAgentServe(async (settings, signal) => (await import("./serve-agent.ts")).serveAgent(settings, signal)),
  machines,
  backup,
  list,
  verify,
  drill,
  restore,
  prune,
  createRuns("davit agent", "machine"),
  config,
  doctor,
  pair,
  install,
  uninstall,
];

const words = process.argv.slice(2);

// No top-level await: the executable of scripts/build-agent is a CommonJS script.
void runCommandLine(
  {
    name: "davit agent",
    purpose: "Davit's agent backs up the virtual machines of this host and proves that the backups boot.",
    verbs: commands,
    version: buildVersion(),
    context: (basic) => ({
      ...basic,
      configFile: agentConfigFile(process.env),
      config: (file) => loadAgentConfig(process.env, file),
      open: async () => {
        const settings = loadAgentConfig(process.env);
        return openHost(settings, holdThroughAgent(settings.state));
      },
      request: () => ({ trigger: "cli", signal: basic.signal, reporter: basic.output.reporter() }),
      program: isSea()
        ? { file: process.execPath, isExecutable: true }
        : { file: fileURLToPath(new URL("../bin/davit", import.meta.url)), isExecutable: false },
    }),
  },
  // The self-contained executable has nothing else, so there the word may be left out.
  words[0] === "agent" ? words.slice(1) : words,
).then((code) => {
  process.exitCode = code;
});
