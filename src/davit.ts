import { parseArgs } from "node:util";
import { ack } from "./commands/ack.ts";
import { backup } from "./commands/backup.ts";
import { cat } from "./commands/cat.ts";
import type { Command } from "./commands/command.ts";
import { config } from "./commands/config.ts";
import { describeFailure } from "./commands/describe-failure.ts";
import { doctor } from "./commands/doctor.ts";
import { drill } from "./commands/drill.ts";
import { files } from "./commands/files.ts";
import { list } from "./commands/list.ts";
import { modules } from "./commands/modules.ts";
import { createOutput } from "./commands/output.ts";
import { prune } from "./commands/prune.ts";
import { recreate } from "./commands/recreate.ts";
import { restore } from "./commands/restore.ts";
import { runs } from "./commands/runs.ts";
import { createServe } from "./commands/serve.ts";
import { settle } from "./commands/settle.ts";
import { verify } from "./commands/verify.ts";
import { findYaml } from "./config/find-yaml.ts";
import { loadConfig } from "./config/load-config.ts";
import { readTwinOrder } from "./config/twin-order.ts";
import { nearestName } from "./failure/nearest-name.ts";
import { asFailure, exitCodes, Failure } from "./failure/failure.ts";
import { davitVersion } from "./config/davit-version.ts";
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
  prune,
  settle,
  ack,
  runs,
  config,
  doctor,
];

process.exitCode = await main(process.argv.slice(2));

/** Runs one verb and gives the exit code (docs/cli.md). */
async function main(words: readonly string[]): Promise<number> {
  const [verb = "--help", ...rest] = words;
  const cancelled = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => cancelled.abort(new Failure("cancelled", `cancelled by ${signal}`)));
  }
  const output = createOutput(rest.includes("--json"), process);
  try {
    if (verb === "--version") {
      process.stdout.write(`${davitVersion()}\n`);
      return 0;
    }
    if (verb === "--help" || verb === "-h" || verb === "help") {
      process.stdout.write(overview());
      return 0;
    }
    const command = findCommand(verb);
    const { values, positionals } = parse(command, rest);
    if (values["help"] === true) {
      process.stdout.write(`${command.usage}\n`);
      return 0;
    }
    return await command.run({
      values,
      names: positionals,
      output,
      signal: cancelled.signal,
      config: () => loadConfig(process.env),
      configFile: () => findYaml(process.env),
      open: async () => openDavit(loadConfig(process.env)),
      request: () => ({
        trigger: "cli",
        ...readTwinOrder(process.env),
        signal: cancelled.signal,
        reporter: output.reporter(),
      }),
    });
  } catch (error) {
    const failure = asFailure(error);
    const { kind, message, hint } = failure;
    output.data({ error: { kind, message, hint } });
    if (!output.json) output.problem(`davit: ${describeFailure(failure)}`);
    if (process.env["LOG_LEVEL"] === "debug") output.problem(String(failure.stack));
    return exitCodes[kind];
  }
}

function parse(command: Command, words: readonly string[]) {
  const common = { help: { type: "boolean", short: "h" }, json: { type: "boolean" } } as const;
  try {
    return parseArgs({ args: [...words], options: { ...command.options, ...common }, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure("usage", message.split(". ")[0]?.replace(/^U/u, "u") ?? message, {
      hint: `\`davit ${command.name} --help\` lists its options`,
    });
  }
}

function findCommand(verb: string): Command {
  const command = commands.find((one) => one.name === verb);
  if (command !== undefined) return command;
  const near = nearestName(
    verb,
    commands.map((one) => one.name),
  );
  throw new Failure("usage", `there is no verb ${verb}`, {
    hint: near === null ? "`davit --help` lists them" : `did you mean ${near}?`,
  });
}

function overview(): string {
  const width = Math.max(...commands.map((one) => one.name.length));
  const verbs = commands.map((one) => `  ${one.name.padEnd(width)}  ${one.summary}`).join("\n");
  return `Davit backs up Docker hosts and proves that the backups restore.

usage: davit VERB [options]

${verbs}

\`davit VERB --help\` tells more. Every verb takes --json.
`;
}
