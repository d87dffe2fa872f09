import { backupId } from "../contract/backup-id.ts";
import type { Manifest } from "../contract/manifest.ts";
import { isUsable } from "../contract/module.ts";
import { discoverModules } from "../discover/discover-modules.ts";
import { exitCodes, Failure } from "../failure/failure.ts";
import { backupModule } from "../flow/backup.ts";
import type { Command } from "./command.ts";
import { doEach } from "./do-each.ts";
import { describeHold } from "./describe-hold.ts";
import { formatBytes, formatDuration } from "./format-amounts.ts";

export const backup: Command = {
  name: "backup",
  summary: "back up modules now",
  usage: `davit backup MODULE…
davit backup --all

Backs up each module, one after another. One that fails does not keep the others from their turn.

  --all    every module that can be backed up`,
  options: { all: { type: "boolean" } },
  async run({ values, names, output, open, request, signal }) {
    if ((names.length === 0) === (values["all"] !== true)) {
      throw new Failure("usage", "name the modules to back up, or give --all", { hint: "`davit modules` lists them" });
    }
    const davit = await open();
    const all = values["all"] === true ? await discoverModules(davit.docker, davit.config) : [];
    const modules = values["all"] === true ? all.filter(isUsable).map((one) => one.name) : names;
    if (modules.length === 0) {
      throw new Failure("missing", "no container is opted in", {
        hint: "add the label davit.enable=true to a container and create it anew",
      });
    }
    const code = await doEach({
      names: modules,
      output,
      signal,
      called: "module",
      work: async (module) => {
        const manifest = await backupModule(davit, module, request());
        output.line(describeBackup(manifest, davit.vault.folder(backupId(module, manifest.time))));
        return { module, ok: true, id: backupId(module, manifest.time), manifest };
      },
    });
    const unusable = all.filter((module) => !isUsable(module));
    for (const one of unusable)
      output.problem(`${one.name} was not backed up: its settings are invalid; \`davit modules\` says why`);
    return unusable.length > 0 ? exitCodes.config : code;
  },
};

function describeBackup(manifest: Manifest, folder: string): string {
  const { counts, hold, changedTotal, archive, started, sealed } = manifest;
  const took = formatDuration(Date.parse(sealed) - Date.parse(started));
  const changed = changedTotal === 0 ? "" : `, ${changedTotal} changed while read`;
  return [
    `${backupId(manifest.module, manifest.time)}  ${counts.files} files, ${formatBytes(counts.bytesIn)} -> ${formatBytes(counts.bytesOut)} in ${took}${changed}`,
    `  ${describeHold(hold)}`,
    `  ${folder}/${archive.file}`,
  ].join("\n");
}
