import type { ModuleView } from "../contract/api.ts";
import type { BackupSummary } from "../contract/manifest.ts";
import { isUsable, type Module } from "../contract/module.ts";
import { discoverModules } from "../discover/discover-modules.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { backupRow } from "../contract/backup-row.ts";
import type { Davit } from "../flow/davit.ts";
import { missingModule } from "../flow/missing-module.ts";
import { nextRun } from "../schedule/next-run.ts";
import type { Command } from "./command.ts";
import { describeFailure } from "./describe-failure.ts";
import { describeModule } from "./describe-module.ts";

export const modules: Command = {
  name: "modules",
  summary: "list the modules on this host, with every warning",
  usage: `davit modules [MODULE…]

Lists the modules named, or all: containers, sources, hold, schedule and next run, newest backup, every warning with what to
do about it, and the mounts that are left out. A module that can't be backed up is shown as FAILING; the exit code is 0 all
the same (\`davit doctor\` has one for scripts).`,
  async run({ names, output, open }) {
    const davit = await open();
    const all = await discoverModules(davit.docker, davit.config);
    for (const name of names) if (!all.some((one) => one.name === name)) throw missingModule(name, all);
    const wanted = names.length === 0 ? all : all.filter((one) => names.includes(one.name));
    const views: ModuleView[] = [];
    for (const module of wanted) views.push(await view(davit, module, (problem) => output.problem(problem)));
    output.data(views);
    if (views.length === 0) {
      output.line("no container is opted in, so nothing is backed up");
      output.line(
        "  hint: add the label davit.enable=true to a container and create it anew, for example in its compose file:",
      );
      output.line("          labels:\n            - davit.enable=true");
      return 0;
    }
    views.forEach((one, at) => output.line(`${at === 0 ? "" : "\n"}${describeModule(one, davit.now())}`));
    return 0;
  },
};

async function view(davit: Davit, module: Module, tell: (problem: string) => void): Promise<ModuleView> {
  const { schedule, timezone } = module.settings;
  const next = isUsable(module) ? nextRun(schedule, timezone, davit.now()) : null;
  // A vault that can't be read hides no module.
  const backups = await davit.vault.list(module.name).catch((thrown: unknown) => asFailure(thrown));
  if (backups instanceof Failure) tell(describeFailure(backups));
  const last = backups instanceof Failure ? null : newest(backups);
  return { ...module, lastBackup: last === null ? null : backupRow(last), nextRun: next?.toISOString() ?? null };
}

function newest(backups: readonly BackupSummary[]): BackupSummary | null {
  return backups.find((one) => one.problem === null) ?? null;
}
