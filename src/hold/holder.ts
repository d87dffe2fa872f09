import { readFileSync, readlinkSync } from "node:fs";
import { z } from "zod";

/** A process, in a way that no later process with the same number is taken for it. */
export const holder = z.strictObject({
  pid: z.int(),
  /** Clock ticks between boot and the process's start. */
  started: z.string(),
  boot: z.string(),
  pidNamespace: z.string(),
});
export type Holder = z.infer<typeof holder>;

/** The process that runs this. */
export function thisProcess(): Holder {
  return { pid: process.pid, started: startOf(process.pid) ?? "", boot: bootId(), pidNamespace: pidNamespace() };
}

/** Whether that process still runs. One of another boot, or of a container that is not ours, counts as gone. */
export function isAlive(candidate: Holder): boolean {
  return (
    candidate.boot === bootId() &&
    candidate.pidNamespace === pidNamespace() &&
    startOf(candidate.pid) === candidate.started
  );
}

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? null : (rest[18] ?? null);
  } catch {
    return null;
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
}

function pidNamespace(): string {
  return readlinkSync("/proc/self/ns/pid");
}
