import { parseArgs } from "node:util";
import { asFailure, exitCodes, Failure } from "../failure/failure.ts";
import { nearestName } from "../failure/nearest-name.ts";
import type { Verb, VerbContext } from "./command.ts";
import { describeFailure } from "./describe-failure.ts";
import { createOutput } from "./output.ts";

/** One of Davit's command lines. */
export interface CommandLine<C extends VerbContext> {
  /** What stands before a verb: `davit`, `davit agent`. */
  name: string;
  /** What it is for, above the list of its verbs. */
  purpose: string;
  verbs: readonly Verb<C>[];
  /** Words that are verbs in another place, with where that is. */
  elsewhere?: Readonly<Record<string, string>>;
  version: string;
  /** What a verb of this command line is given besides. */
  context(basic: VerbContext): C;
}

/**
 * Runs the verb that `words` begin with and gives the exit code (docs/cli.md). Signals that end a process cancel it; whatever
 * it throws is told with a hint, as JSON with `--json`.
 */
export async function runCommandLine<C extends VerbContext>(
  line: CommandLine<C>,
  words: readonly string[],
): Promise<number> {
  const [verb = "--help", ...rest] = words;
  const cancelled = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => cancelled.abort(new Failure("cancelled", `cancelled by ${signal}`)));
  }
  const output = createOutput(rest.includes("--json"), process, ownVerbs(line));
  try {
    if (verb === "--version") {
      process.stdout.write(`${line.version}\n`);
      return 0;
    }
    if (verb === "--help" || verb === "-h" || verb === "help") {
      process.stdout.write(overview(line));
      return 0;
    }
    const command = findVerb(line, verb);
    const { values, positionals } = parse(line.name, command, rest);
    if (values["help"] === true) {
      process.stdout.write(`${command.usage}\n`);
      return 0;
    }
    return await command.run(line.context({ values, names: positionals, output, signal: cancelled.signal }));
  } catch (error) {
    const failure = asFailure(error);
    const { kind, message, hint } = failure;
    output.data({ error: { kind, message, hint } });
    if (!output.json) output.problem(`davit: ${describeFailure(failure)}`);
    if (process.env["LOG_LEVEL"] === "debug") output.problem(String(failure.stack));
    return exitCodes[kind];
  }
}

/**
 * What both programs stand on names the verbs of `davit` in its hints; of another command line they are told as its own.
 */
function ownVerbs<C extends VerbContext>({ name, verbs }: CommandLine<C>): (text: string) => string {
  if (name === "davit") return (text) => text;
  const own = new RegExp(`\`davit (?=(?:${verbs.map((one) => one.name).join("|")})\\b)`, "gu");
  return (text) => text.replace(own, `\`${name} `);
}

function parse<C extends VerbContext>(name: string, command: Verb<C>, words: readonly string[]) {
  const common = { help: { type: "boolean", short: "h" }, json: { type: "boolean" } } as const;
  try {
    return parseArgs({ args: [...words], options: { ...command.options, ...common }, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure("usage", message.split(". ")[0]?.replace(/^U/u, "u") ?? message, {
      hint: `\`${name} ${command.name} --help\` lists its options`,
    });
  }
}

function findVerb<C extends VerbContext>({ name, verbs, elsewhere = {} }: CommandLine<C>, verb: string): Verb<C> {
  const command = verbs.find((one) => one.name === verb);
  if (command !== undefined) return command;
  if (Object.hasOwn(elsewhere, verb))
    throw new Failure("usage", `there is no verb ${verb} here`, { hint: elsewhere[verb] ?? "" });
  const near = nearestName(
    verb,
    verbs.map((one) => one.name),
  );
  throw new Failure("usage", `there is no verb ${verb}`, {
    hint: near === null ? `\`${name} --help\` lists them` : `did you mean ${near}?`,
  });
}

function overview<C extends VerbContext>({ name, purpose, verbs }: CommandLine<C>): string {
  const width = Math.max(...verbs.map((one) => one.name.length));
  const list = verbs.map((one) => `  ${one.name.padEnd(width)}  ${one.summary}`).join("\n");
  return `${purpose}

usage: ${name} VERB [options]

${list}

\`${name} VERB --help\` tells more. Every verb takes --json.
`;
}
