import type { LevelWithSilent } from "pino";
import type { Machine } from "../contract/machine.ts";

/** The agent's configuration: /etc/davit/agent.yaml after defaults. */
export interface AgentConfig {
  /** The file that it was read from. */
  file: string;
  /** Folder of the machines' backups. */
  vault: string;
  state: string;
  /** For drills, restores and what has to be unpacked. */
  scratch: string;
  /** Where copies of the sidecar's sealed backups are kept; null where none are taken. */
  copies: string | null;
  /** Days after their arrival for which copies are kept; 0 for ever. Of each module the last one stays. */
  copyDays: number;
  /** Where the sidecar reaches the agent. */
  listen: { host: string; port: number };
  timezone: string;
  /** Days after which a chain is verified again; 0 for never. */
  verifyDays: number;
  /** Bytes a second that a scheduled verification reads at most; 0 for no limit. */
  verifyRate: number;
  parallel: number;
  /** How many runs of a machine are remembered at least. */
  keepRuns: number;
  machines: readonly Machine[];
  logLevel: LevelWithSilent;
}
