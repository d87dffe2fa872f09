import { exitCodes, Failure } from "../failure/failure.ts";
import { examine } from "../flow/examine.ts";
import { checkAgent } from "../link/sidecar/check-agent.ts";
import type { Command } from "./command.ts";

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
    const width = Math.max(...checks.map((one) => one.name.length));
    for (const { name, status, message, hint } of checks) {
      output.line(`${status.padEnd(7)}  ${name.padEnd(width)}  ${message}`);
      if (hint !== undefined) output.line(`${" ".repeat(9 + width + 2)}hint: ${hint}`);
    }
    const count = (status: string): number => checks.filter((one) => one.status === status).length;
    output.line(`\n${summary(count("error"), count("warning"))}`);
    output.data(checks);
    return count("error") > 0 ? exitCodes.failed : 0;
  },
};

function summary(errors: number, warnings: number): string {
  if (errors + warnings === 0) return "all is well";
  const parts = [
    ...(errors > 0 ? [`${errors} ${errors === 1 ? "error" : "errors"}`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? "warning" : "warnings"}`] : []),
  ];
  return parts.join(", ");
}
