import { Failure } from "../failure/failure.ts";
import { examine } from "../flow/examine.ts";
import { checkAgent } from "../link/sidecar/check-agent.ts";
import type { Command } from "./command.ts";
import { tellChecks } from "./tell-checks.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "check that everything Davit needs is there",
  usage: `davit doctor

Checks the engine, the modules, the roots, the vault and its space, state and scratch, permissions, the clock, the agent where one is paired, and says what
to do about each finding. The folders are tried by writing to them; what was written is removed again.

Exit code 0 when there is no error (warnings do not count), 1 when there is one.`,
  async run({ names, config, output, signal }) {
    if (names.length > 0)
      throw new Failure("usage", `doctor takes no names, but ${names[0]} was given`, {
        hint: "`davit doctor` checks everything",
      });
    const settings = config();
    const now = (): Date => new Date();
    const { agent } = settings;
    const more = agent === null ? [] : [["agent", () => checkAgent(agent, now, signal)] as const];
    const checks = await examine(settings, now, { signal, more });
    return tellChecks(checks, output);
  },
};
