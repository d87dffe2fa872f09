import type { Machine } from "../contract/machine.ts";
import type { Job } from "./jobs-of.ts";

/** What is done for a machine by itself. */
export type MachineJobKind = "full" | "incremental" | "drill";

/** The jobs that a machine's settings ask for. */
export function machineJobs({ name, settings }: Machine): Job<MachineJobKind>[] {
  const { full, incremental, drill, timezone } = settings;
  const wanted: [MachineJobKind, string | null][] = [
    ["full", full],
    ["incremental", incremental],
    ["drill", drill.schedule],
  ];
  return wanted.flatMap(([kind, schedule]) => (schedule === null ? [] : [{ kind, module: name, schedule, timezone }]));
}
