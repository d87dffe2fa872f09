import type { Config } from "./config.ts";

/** The configuration as a person may see it: of a secret only whether it is set. */
export function printableConfig(config: Config): Omit<Config, "password"> & { password: "set" | "not set" } {
  return { ...config, password: config.password === null ? "not set" : "set" };
}
