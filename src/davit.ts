import { ack } from "./commands/ack.ts";
import { backup } from "./commands/backup.ts";
import { cat } from "./commands/cat.ts";
import type { Command } from "./commands/command.ts";
import { config } from "./commands/config.ts";
import { copy } from "./commands/copy.ts";
import { doctor } from "./commands/doctor.ts";
import { drill } from "./commands/drill.ts";
import { files } from "./commands/files.ts";
import { list } from "./commands/list.ts";
import { machine } from "./commands/machine.ts";
import { machines } from "./commands/machines.ts";
import { modules } from "./commands/modules.ts";
import { notify } from "./commands/notify.ts";
import { prune } from "./commands/prune.ts";
import { recreate } from "./commands/recreate.ts";
import { restore } from "./commands/restore.ts";
import { runCommandLine } from "./commands/run-command-line.ts";
import { createRuns } from "./commands/runs.ts";
import { createServe } from "./commands/serve.ts";
import { settle } from "./commands/settle.ts";
import { verify } from "./commands/verify.ts";
import { davitVersion } from "./config/davit-version.ts";
import { findYaml } from "./config/find-yaml.ts";
import { loadConfig } from "./config/load-config.ts";
import { readTwinOrder } from "./config/twin-order.ts";
import { openDavit } from "./flow/open-davit.ts";

const commands: readonly Command[] = [
  // Loaded when it is asked for: the other verbs need no web server.
  createServe(async (settings, signal) => (await import("./sidecar.ts")).runSidecar(settings, signal)),
  modules,
  backup,
  list,
  files,
  cat,
  restore,
  recreate,
  verify,
  drill,
  copy,
  prune,
  settle,
  ack,
  createRuns("davit", "module"),
  machines,
  machine,
  notify,
  config,
  doctor,
];

process.exitCode = await runCommandLine(
  {
    name: "davit",
    purpose: "Davit backs up Docker hosts and proves that the backups restore.",
    verbs: commands,
    elsewhere: { agent: "the agent is a program of its own, on the physical host: docs/agent.md" },
    version: davitVersion(),
    context: (basic) => ({
      ...basic,
      config: () => loadConfig(process.env),
      configFile: () => findYaml(process.env),
      open: async () => openDavit(loadConfig(process.env)),
      request: () => ({
        trigger: "cli",
        ...readTwinOrder(process.env),
        signal: basic.signal,
        reporter: basic.output.reporter(),
      }),
    }),
  },
  process.argv.slice(2),
);
