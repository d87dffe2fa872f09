import { type Finding, findingsOf, type ModuleState } from "../contract/judge-module.ts";
import type { OverviewModule } from "../contract/overview.ts";
import type { RunKind, RunSummary } from "../contract/run-event.ts";

/** What of a module a trouble is about: of each a module has one trouble at most, the worst. */
export type Subject = "settings" | "backup" | "verification" | "drill" | "data";

export type TroubleState = ModuleState | "not-verified" | "not-drilled";

export interface Trouble {
  module: string;
  subject: Subject;
  state: TroubleState;
  /** What was found, and what to do, where more is known than the state says. */
  because?: string | undefined;
  hint?: string | undefined;
}

/** What is wrong now. */
export interface Troubles {
  found: Trouble[];
  /** The modules that there are, here or in the vault. */
  names: ReadonlySet<string>;
  /** Of which nothing can be said now, so that what was told of it is neither over nor news. */
  open: ReadonlySet<string>;
}

/** The states that people are told of; others they see in the panel. */
const subjects: Partial<Record<ModuleState, Subject>> = {
  "not-usable": "settings",
  "lost-data": "data",
  "run-failed": "backup",
  "run-interrupted": "backup",
  "none-usable": "backup",
  "newest-unusable": "backup",
  overdue: "backup",
  damaged: "verification",
  "older-damaged": "verification",
  "drill-failed": "drill",
};

/** What a run that goes on may put right by itself, unless it takes too long. */
const mayPass = new Set<TroubleState>(["run-interrupted", "overdue"]);
const longestWaitMs = 6 * 3_600_000;

/** The name under which a trouble is remembered. */
export function troubleKey({ module, subject }: Pick<Trouble, "module" | "subject">): string {
  return `${module}/${subject}`;
}

/** What people have to know of: what is said of modules, and verifications and drills that could not be done. Pure. */
export function findTroubles(modules: readonly OverviewModule[], runs: readonly RunSummary[], now: Date): Troubles {
  const found = new Map<string, Trouble>();
  const open = new Set<string>();
  const add = (trouble: Trouble): void => {
    const key = troubleKey(trouble);
    if (!found.has(key)) found.set(key, trouble);
  };
  for (const module of modules) {
    const findings = findingsOf(module);
    for (const finding of findings) {
      const subject = subjects[finding.state];
      if (subject === undefined) continue;
      if (mayPass.has(finding.state) && isBackedUpNow(module, now))
        open.add(troubleKey({ module: module.name, subject }));
      else add({ module: module.name, subject, ...finding });
    }
    for (const subject of unknownNow(module, findings)) {
      const key = troubleKey({ module: module.name, subject });
      if (!found.has(key)) open.add(key);
    }
    if (module.gone) continue;
    const own = runs.filter((run) => run.module === module.name);
    const verify = undone(own, "verify");
    if (verify !== null) add({ module: module.name, subject: "verification", state: "not-verified", ...verify });
    const drill = undone(own, "drill");
    if (drill !== null) add({ module: module.name, subject: "drill", state: "not-drilled", ...drill });
  }
  const names = new Set(modules.map((one) => one.name));
  return { names, found: [...found.values()].filter((one) => !open.has(troubleKey(one))), open };
}

function isBackedUpNow({ running }: OverviewModule, now: Date): boolean {
  return running?.kind === "backup" && now.getTime() - Date.parse(running.started) < longestWaitMs;
}

/** A container that is made anew is gone for a moment; and who cancels a backup does not make it well. */
function unknownNow(module: OverviewModule, findings: readonly Finding[]): Subject[] {
  if (module.gone) return ["settings", "backup", "verification", "drill", "data"];
  return findings.some((one) => one.state === "run-cancelled") ? ["backup"] : [];
}

/** Why the last run of that kind could not be done; null where it was. */
function undone(newestFirst: readonly RunSummary[], kind: RunKind): { because?: string; hint?: string } | null {
  const last = newestFirst.find((run) => run.kind === kind && (run.outcome === "ok" || run.outcome === "failed"));
  if (last?.outcome !== "failed") return null;
  const { message, hint } = last.failure ?? {};
  return { ...(message !== undefined && { because: message }), ...(hint !== undefined && { hint }) };
}
