import type { Config } from "./config.ts";

/** The configuration as a person may see it: of a secret only whether it is set, of the agent only where it is. */
export function printableConfig(
  config: Config,
): Omit<Config, "password" | "agent"> & { password: "set" | "not set"; agent: string } {
  const { agent, password } = config;
  return {
    ...config,
    password: password === null ? "not set" : "set",
    agent: agent === null ? "not set" : `${agent.host.includes(":") ? `[${agent.host}]` : agent.host}:${agent.port}`,
  };
}
