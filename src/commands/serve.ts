import { loadConfig } from "../config/load-config.ts";
import { Failure } from "../failure/failure.ts";
import type { Command } from "./command.ts";

/** `start` runs the sidecar's program; it is given, since commands do not know the programs. */
export function createServe(
  start: (config: ReturnType<typeof loadConfig>, signal: AbortSignal) => Promise<void>,
): Command {
  return {
    name: "serve",
    summary: "run the sidecar: schedule, API and panel",
    usage: `davit serve

Runs until SIGTERM or SIGINT, then ends every run cleanly. DAVIT_LISTEN says where the panel answers.`,
    async run({ names, signal }) {
      if (names.length > 0) throw new Failure("usage", "serve takes no names");
      await start(loadConfig(process.env), signal);
      return 0;
    },
  };
}
