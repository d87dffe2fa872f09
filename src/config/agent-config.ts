import type { Machine } from "../contract/machine.ts";

/** The agent's configuration: /etc/davit/agent.yaml after defaults. */
export interface AgentConfig {
  /** Folder of the machines' backups. */
  vault: string;
  state: string;
  /** For drills, restores and what has to be unpacked. */
  scratch: string;
  /** Where copies of the sidecar's sealed backups are kept; null where none are taken. */
  copies: string | null;
  /** Where the sidecar reaches the agent. */
  listen: { host: string; port: number };
  verifyDays: number;
  parallel: number;
  machines: readonly Machine[];
  logLevel: string;
}
