import { rmSync } from "node:fs";
import { describeFailure } from "../../src/commands/describe-failure.ts";
import { asFailure, exitCodes } from "../../src/failure/failure.ts";
import { measureHolds } from "./hold/measure-holds.ts";
import { readHoldOptions } from "./hold/hold-options.ts";
import { holdText } from "./hold/hold-text.ts";

/* `scripts/bench --hold`: how long a service stands still for a backup, by Davit and by what people do without it. */

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());

try {
  const options = readHoldOptions(process.argv.slice(2));
  try {
    const found = await measureHolds(options, stop.signal);
    console.log(options.json ? JSON.stringify(found, null, 2) : holdText(options, found));
  } finally {
    rmSync(options.dir, { recursive: true, force: true });
  }
} catch (thrown) {
  const failure = asFailure(thrown);
  console.error(`error: ${describeFailure(failure)}`);
  process.exitCode = exitCodes[failure.kind];
}
