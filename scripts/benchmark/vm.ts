import { rmSync } from "node:fs";
import { describeFailure } from "../../src/commands/describe-failure.ts";
import { asFailure, exitCodes } from "../../src/failure/failure.ts";
import { measureVm } from "./vm/measure-vm.ts";
import { readVmOptions } from "./vm/vm-options.ts";
import { vmText } from "./vm/vm-text.ts";

/* `scripts/bench --vm`: what the backup of a virtual machine costs, by Davit and by what people do without it. */

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());

try {
  const options = readVmOptions(process.argv.slice(2));
  try {
    const found = await measureVm(options, stop.signal);
    console.log(options.json ? JSON.stringify(found, null, 2) : vmText(options, found));
  } finally {
    rmSync(options.dir, { recursive: true, force: true });
  }
} catch (thrown) {
  const failure = asFailure(thrown);
  console.error(`error: ${describeFailure(failure)}`);
  process.exitCode = exitCodes[failure.kind];
}
