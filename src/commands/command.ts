import type { ParseArgsOptionsConfig } from "node:util";
import type { Config } from "../config/config.ts";
import type { Davit } from "../flow/davit.ts";
import type { FlowRequest } from "../flow/flow-request.ts";
import type { Output } from "./output.ts";

/** What every verb is given. `values` are its options, checked by `parseArgs`; `names` what stands besides them. */
export interface VerbContext {
  values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  names: readonly string[];
  output: Output;
  signal: AbortSignal;
}

/** One verb of a command line. */
export interface Verb<C extends VerbContext> {
  name: string;
  /** One line for the list of verbs. */
  summary: string;
  /** What stands after the program's name, and one line on each option. */
  usage: string;
  options?: ParseArgsOptionsConfig;
  /** Resolves with the exit code; throws a Failure. */
  run(context: C): Promise<number>;
}

/** What a verb of `davit` is given besides. */
export interface CommandContext extends VerbContext {
  /** The effective configuration; throws a `config` Failure where it is wrong. */
  config(): Config;
  /** Where davit.yaml was found; null where there is none. */
  configFile(): string | null;
  /** Opens configuration, vault, runs and engine; throws a `config` Failure where they are wrong. */
  open(): Promise<Davit>;
  /** A request by the CLI, whose progress goes to the terminal. */
  request(): FlowRequest;
}

/** One verb of `davit`, the container side's. */
export type Command = Verb<CommandContext>;
