import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Environment, runShell } from "./run-shell.ts";

export interface Subject {
  name: string;
  /** Shell text that is not measured and makes ready what `run` needs. */
  prepare?: string;
  /** Shell text in which each program that counts stands behind `measured`. `$out` is an empty folder for its results. */
  run: string;
}

export interface Measurement {
  seconds: number;
  cpuSeconds: number;
  /** Peak resident memory; the programs of a pipeline added up. */
  peakBytes: number;
  /** Size of the files in `$out` afterwards. */
  bytes: number;
}

/**
 * Measures each subject `runs` times, taking turns, so that what else goes on in the machine meets all of them. Gives the
 * median of each, by the subject's name.
 */
export async function measureInTurn(
  subjects: readonly Subject[],
  { runs, folder, environment }: { runs: number; folder: string; environment: Environment },
): Promise<Map<string, Measurement>> {
  const found = new Map<string, Measurement[]>(subjects.map(({ name }) => [name, []]));
  for (let run = 1; run <= runs; run += 1) {
    for (const subject of subjects) {
      process.stderr.write(`${subject.name} (${run} of ${runs})\n`);
      found.get(subject.name)?.push(await measure(subject, folder, environment));
    }
  }
  return new Map([...found].map(([name, measurements]) => [name, medianOf(measurements)]));
}

/**
 * What is read stands in the page cache again (borg drops from it what it has read), and what was written before is not on
 * its way to the disk any more.
 */
const settle = `tar cf - "\${tree:-$backup}" 2>/dev/null | cat >/dev/null; sync`;

async function measure({ prepare, run }: Subject, folder: string, environment: Environment): Promise<Measurement> {
  const out = join(folder, "out");
  const report = join(folder, "report");
  rmSync(out, { recursive: true, force: true });
  rmSync(report, { force: true });
  mkdirSync(out, { recursive: true });
  const variables = { ...environment, out, report };
  await runShell(`${prepare ?? ""}\n${settle}`, variables);
  await runShell(run, variables);
  const programs = readFileSync(report, "utf8").trim().split("\n").map(readProgram);
  const bytes = Number.parseInt(await runShell(`du -sb "$out"`, variables), 10);
  rmSync(out, { recursive: true });
  return {
    seconds: Math.max(...programs.map(({ seconds }) => seconds)),
    cpuSeconds: programs.reduce((sum, program) => sum + program.cpuSeconds, 0),
    peakBytes: programs.reduce((sum, program) => sum + program.peakBytes, 0),
    bytes,
  };
}

/** A line of what GNU time reports. */
function readProgram(line: string): Omit<Measurement, "bytes"> {
  const [seconds = 0, user = 0, system = 0, kibibytes = 0] = line.split(" ").map(Number);
  return { seconds, cpuSeconds: user + system, peakBytes: kibibytes * 1024 };
}

/** The run in the middle; memory is the most that any of them took. */
function medianOf(measurements: readonly Measurement[]): Measurement {
  const sorted = measurements.toSorted((one, other) => one.seconds - other.seconds);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return { ...middle, peakBytes: Math.max(...measurements.map(({ peakBytes }) => peakBytes)) };
}
