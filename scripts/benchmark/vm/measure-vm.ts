import { mkdirSync, rmSync } from "node:fs";
import { runProgram } from "../run-program.ts";
import { makeBenchDisk, startBenchMachine } from "./bench-machine.ts";
import { type MachineMethod, machineMethods } from "./methods.ts";
import type { VmOptions } from "./vm-options.ts";

/** What one method came to with one size of disk; medians, in ms and bytes. */
export interface VmFinding {
  method: string;
  increments: boolean;
  diskMiB: number;
  full: number;
  fullBytes: number;
  /** Of what changed; where there are no increments, another full. */
  next: number;
  nextBytes: number;
  /** How long the machine was paused for that; null where it can't be told. */
  paused: number | null;
}

/** Measures all methods with all sizes, each on a machine of its own. */
export async function measureVm(options: VmOptions, signal: AbortSignal): Promise<VmFinding[]> {
  mkdirSync(options.dir, { recursive: true });
  const findings: VmFinding[] = [];
  for (const diskMiB of options.disks) {
    const content = await makeBenchDisk(options.dir, diskMiB, signal);
    for (const method of machineMethods) findings.push(await measure(method, { ...options, content, diskMiB }, signal));
    rmSync(content);
  }
  return findings;
}

async function measure(
  method: MachineMethod,
  { dir, content, diskMiB, changed, runs }: VmOptions & { content: string; diskMiB: number },
  signal: AbortSignal,
): Promise<VmFinding> {
  const machine = await startBenchMachine(dir, content, signal);
  try {
    method.prepare(machine);
    const stored = async (): Promise<number> =>
      Number.parseInt(await runProgram(["du", "-s", "--block-size=1", machine.results], { signal }), 10);
    const timed = async (type: "full" | "incremental") => {
      const before = await stored();
      const began = performance.now();
      const paused = await method.run(machine, type, signal);
      return { ms: performance.now() - began, paused, bytes: (await stored()) - (method.increments ? before : 0) };
    };
    const full = await timed("full");
    const later = [];
    for (let run = 0; run < runs; run++) {
      await machine.write(changed);
      later.push(await timed("incremental"));
    }
    const paused = later.flatMap((one) => one.paused ?? []);
    return {
      method: method.name,
      increments: method.increments,
      diskMiB,
      full: full.ms,
      fullBytes: full.bytes,
      next: median(later.map((one) => one.ms)),
      nextBytes: median(later.map((one) => one.bytes)),
      paused: paused.length === 0 ? null : median(paused),
    };
  } finally {
    await machine.remove();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
