import type { Module } from "../contract/module.ts";

/** Something that is to be done for a module, or a machine, at its times. */
export interface Job<K extends string = "backup" | "drill"> {
  kind: K;
  module: string;
  schedule: string;
  timezone: string;
}

/** The jobs that a module's settings ask for. */
export function jobsOf({ name, settings }: Pick<Module, "name" | "settings">): Job[] {
  const { schedule, timezone, drill } = settings;
  const jobs: Job[] = [{ kind: "backup", module: name, schedule, timezone }];
  if (drill.schedule !== null && drill.check.type !== "off")
    jobs.push({ kind: "drill", module: name, schedule: drill.schedule, timezone });
  return jobs;
}

/** A job's key in the state of the schedule; backups have the module's bare name, and no name has a colon. */
export function jobKey({ kind, module }: Pick<Job<string>, "kind" | "module">): string {
  return kind === "backup" ? module : `${kind}:${module}`;
}
