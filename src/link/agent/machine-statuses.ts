import type { Machine, MachineStatus } from "../../contract/machine.ts";
import type { Warning } from "../../contract/module.ts";
import { asFailure } from "../../failure/failure.ts";
import type { Host } from "../../flow/machine/host.ts";
import { domainState } from "../../machine/domain-state.ts";
import { nextRun } from "../../schedule/next-run.ts";

/** libvirt that does not answer must not keep a list from being shown. */
const limitMs = 10_000;

/** The machines of agent.yaml as they are now. What can't be asked is their `problem`, or a warning; nothing is thrown. */
export async function machineStatuses(
  host: Pick<Host, "config" | "vault" | "now">,
  signal: AbortSignal,
): Promise<MachineStatus[]> {
  return Promise.all(host.config.machines.map(async (machine) => statusOf(host, machine, signal)));
}

async function statusOf(
  { vault, now }: Pick<Host, "vault" | "now">,
  { name, settings }: Machine,
  signal: AbortSignal,
): Promise<MachineStatus> {
  const { uri, domain, timezone, full, incremental, drill } = settings;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const asked = await domainState({ uri, signal: limit }, domain).catch((thrown: unknown) => asFailure(thrown).message);
  const warnings: Warning[] = [];
  const points = await vault.list(name).catch((thrown: unknown) => {
    const { message, hint } = asFailure(thrown);
    warnings.push({ severity: "error", message, ...(hint !== undefined && { hint }) });
    return [];
  });
  const next = (schedule: string | null): string | null =>
    schedule === null ? null : (nextRun(schedule, timezone, now())?.toISOString() ?? null);
  return {
    name,
    settings,
    state: typeof asked === "string" ? null : (asked?.state ?? null),
    problem: asked === null ? `libvirt has no domain ${domain}` : typeof asked === "string" ? asked : null,
    points,
    next: { full: next(full), incremental: next(incremental), drill: next(drill.schedule) },
    warnings,
  };
}
