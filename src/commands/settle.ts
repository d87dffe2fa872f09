import { exitCodes, asFailure } from "../failure/failure.ts";
import { leftModules } from "../flow/start-up.ts";
import { settleLeft } from "../flow/through-twin.ts";
import { checkModuleNames } from "./check-module-names.ts";
import type { Command } from "./command.ts";
import { describeFailureOf } from "./describe-failure.ts";

export const settle: Command = {
  name: "settle",
  summary: "put right what a killed run left",
  usage: `davit settle [MODULE…]

Lets go what a run that was killed left held, and rolls back a restore in place that it left in the middle: of the modules
named, or of all. \`davit serve\` does the same at its start, and each run for its own module. A module that a run is at work
on is left alone.`,
  async run({ names, output, open }) {
    checkModuleNames(names);
    const davit = await open();
    const left = await leftModules(davit);
    const warnings: { message: string; hint?: string }[] = [];
    let code = 0;
    for (const module of names.length === 0 ? left : left.filter((one) => names.includes(one))) {
      try {
        await settleLeft(davit, module, {
          output: (source, line) => output.problem(`${source}: ${line}`),
          warning(message, hint) {
            warnings.push({ message, ...(hint !== undefined && { hint }) });
            output.problem(`warning: ${message}${hint === undefined ? "" : `\n  hint: ${hint}`}`);
          },
        });
        output.line(`${module}: put right`);
      } catch (error) {
        const failure = asFailure(error);
        warnings.push({ message: failure.message, ...(failure.hint !== undefined && { hint: failure.hint }) });
        output.problem(describeFailureOf(module, failure));
        code = exitCodes[failure.kind];
      }
    }
    output.data({ warnings });
    return code;
  },
};
