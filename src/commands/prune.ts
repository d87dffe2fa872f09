import type { PruneDecision } from "../contract/api.ts";
import { isUsable } from "../contract/module.ts";
import { discoverModules } from "../discover/discover-modules.ts";
import { asFailure, exitCodes, Failure } from "../failure/failure.ts";
import type { Davit } from "../flow/davit.ts";
import { previewPrune, pruneModule } from "../flow/prune.ts";
import { checkModuleNames } from "./check-module-names.ts";
import type { Command } from "./command.ts";
import { describeFailureOf } from "./describe-failure.ts";
import { formatTable } from "./format-table.ts";

export const prune: Command = {
  name: "prune",
  summary: "remove the backups that davit.keep does not keep",
  usage: `davit prune MODULE…
davit prune --all

Applies each module's rules (davit.keep) and prints every decision with its reason. The newest backup, the newest verified
and the newest drilled one always stay. Each backup does the same once it is sealed.

  --all      every module on this host
  --dry-run  only print what would be done`,
  options: { all: { type: "boolean" }, "dry-run": { type: "boolean" } },
  async run({ values, names, output, open, request, signal }) {
    if ((names.length === 0) === (values["all"] !== true))
      throw new Failure("usage", "name the modules to prune, or give --all", { hint: "`davit modules` lists them" });
    checkModuleNames(names);
    const davit = await open();
    const dryRun = values["dry-run"] === true;
    const all = values["all"] === true ? await discoverModules(davit.docker, davit.config) : [];
    const modules = values["all"] === true ? all.filter(isUsable).map((one) => one.name) : [...new Set(names)];
    const results: unknown[] = [];
    let code = 0;
    for (const module of modules) {
      signal.throwIfAborted();
      try {
        const decisions = dryRun ? await previewPrune(davit, module) : await pruneModule(davit, module, request());
        const left = dryRun ? [] : await stillThere(davit, module, decisions);
        results.push({ module, ok: left.length === 0, dryRun, decisions, notRemoved: left });
        output.line(describe(module, decisions, dryRun, left));
        if (left.length > 0) code = exitCodes.storage;
      } catch (error) {
        const failure = asFailure(error);
        const { kind, message, hint } = failure;
        results.push({ module, ok: false, dryRun, failure: { kind, message, hint } });
        output.problem(describeFailureOf(module, failure));
        code = exitCodes[kind];
      }
    }
    for (const one of all.filter((module) => !isUsable(module))) {
      output.problem(`${one.name} was left alone: its settings are invalid; \`davit modules\` says why`);
      code = exitCodes.config;
    }
    if (values["all"] === true && all.length === 0)
      output.line("no container is opted in, so there is nothing to prune");
    output.data(results);
    return code;
  },
};

/** Rotation goes on where one backup can't be removed; the run's log has the reason. */
async function stillThere(davit: Davit, module: string, decisions: readonly PruneDecision[]): Promise<string[]> {
  const there = new Set((await davit.vault.list(module)).map((one) => one.id));
  return decisions.filter(({ id, keep }) => !keep && there.has(id)).map((one) => one.id);
}

function describe(
  module: string,
  decisions: readonly PruneDecision[],
  dryRun: boolean,
  left: readonly string[],
): string {
  if (decisions.length === 0) return `${module} has no backups`;
  const rows = decisions.map(({ id, keep, reason }) => [
    keep ? "keep" : left.includes(id) ? "NOT REMOVED" : dryRun ? "would remove" : "removed",
    id,
    reason,
  ]);
  const gone = decisions.filter(({ id, keep }) => !keep && !left.includes(id)).length;
  const summary = `${module}: ${dryRun ? "would remove" : "removed"} ${gone} of ${decisions.length}`;
  return [...formatTable(rows), summary].join("\n");
}
