import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { describeFailure } from "../../src/commands/describe-failure.ts";
import { asFailure, exitCodes } from "../../src/failure/failure.ts";
import { findingText, type Finding } from "./finding.ts";
import { type Options, readOptions } from "./options.ts";
import { partRunners } from "./run-parts.ts";

/** Measures what the options ask for and prints it; its folder is gone afterwards unless it is to be kept. */
async function benchmark(options: Options): Promise<void> {
  mkdirSync(options.dir, { recursive: true });
  const findings: Finding[] = [];
  try {
    for (const part of options.parts) {
      for (const finding of await partRunners[part](options)) {
        findings.push(finding);
        if (!options.json) console.log(`${findingText(finding)}\n`);
      }
    }
  } finally {
    if (!options.keep) rmSync(options.dir, { recursive: true });
  }
  if (options.json) console.log(JSON.stringify(asData(options, findings), null, 2));
}

function asData(options: Options, findings: readonly Finding[]): unknown {
  return {
    machine: { cores: availableParallelism(), memory: totalmem() },
    runs: options.runs,
    findings: findings.map(({ title, measurements, targets }) => ({
      title,
      measured: [...measurements].map(([name, measurement]) => ({ name, ...measurement })),
      targets,
    })),
  };
}

try {
  await benchmark(readOptions(process.argv.slice(2)));
} catch (thrown) {
  const failure = asFailure(thrown);
  console.error(`error: ${describeFailure(failure)}`);
  process.exitCode = exitCodes[failure.kind];
}
