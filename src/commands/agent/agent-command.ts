import type { AgentConfig } from "../../config/agent-config.ts";
import type { FlowRequest } from "../../flow/flow-request.ts";
import type { Host } from "../../flow/machine/host.ts";
import type { InstalledProgram } from "../../install/install-agent.ts";
import type { Verb, VerbContext } from "../command.ts";

/** What a verb of `davit agent` is given besides. */
export interface AgentContext extends VerbContext {
  /** Where agent.yaml is, or is to be. */
  configFile: string;
  /** The effective configuration, of another file if one is given; throws a `config` Failure where it is wrong. */
  config(file?: string): AgentConfig;
  /** Opens configuration, vault and runs; throws a `config` Failure where they are wrong. */
  open(): Promise<Host>;
  /** A request by the CLI, whose progress goes to the terminal. */
  request(): FlowRequest;
  /** The program that runs this. */
  program: InstalledProgram;
}

/** One verb of `davit agent`, the physical host's. */
export type AgentCommand = Verb<AgentContext>;
