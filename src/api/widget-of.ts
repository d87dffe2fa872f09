import { judgeModule, type ModuleSafety } from "../contract/judge-module.ts";
import type { Overview } from "../contract/overview.ts";
import type { Widget } from "../contract/widget.ts";

/** The overview in a dozen flat fields. */
export function widgetOf({ modules, vault }: Overview): Widget {
  const here = modules.filter(({ gone }) => !gone);
  const count = (safety: ModuleSafety): number => here.filter((one) => judgeModule(one).safety === safety).length;
  const [safe, look, unsafe] = [count("safe"), count("look"), count("unsafe")];
  const sealed = modules.flatMap(({ name, ladder }) => (ladder.sealed === null ? [] : [{ name, at: ladder.sealed }]));
  const newest = sealed.toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at))[0] ?? null;
  const next = here.flatMap(({ nextRun }) => (nextRun === null ? [] : [nextRun])).toSorted()[0] ?? null;
  return {
    status: statusOf(here.length, unsafe, look),
    modules: here.length,
    safe,
    look,
    unsafe,
    running: modules.filter(({ running }) => running !== null).length,
    lastBackup: newest?.at ?? null,
    lastModule: newest?.name ?? null,
    nextBackup: next,
    backups: vault.backups,
    bytes: vault.bytes,
    freeBytes: vault.freeBytes,
  };
}

function statusOf(modules: number, unsafe: number, look: number): string {
  if (modules === 0) return "nothing is backed up";
  if (unsafe > 0) return `${unsafe} of ${modules} not safe`;
  return look > 0 ? `${look} of ${modules} to look at` : "all is safe";
}
