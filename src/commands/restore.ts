import { resolve } from "node:path";
import { Failure } from "../failure/failure.ts";
import { loadDumps, previewDumpLoad } from "../flow/load-dumps.ts";
import { previewRestore } from "../flow/preview-restore.ts";
import { restoreBackup, type RestoreResult, type RestoreWish } from "../flow/restore.ts";
import { undoRestore } from "../flow/undo.ts";
import { type BytePath, fromText } from "../format/byte-path.ts";
import type { Command, CommandContext } from "./command.ts";
import { describePreview } from "./describe-preview.ts";
import { formatBytes } from "./format-amounts.ts";

export const restore: Command = {
  name: "restore",
  summary: "restore a backup, or parts of it",
  usage: `davit restore BACKUP [PATH…] --to DIR
davit restore BACKUP [PATH…] --in-place
davit restore BACKUP --dump [--container NAME]
davit restore --undo MODULE

Restores all of a backup, or only the files and folders named (host paths, as \`davit files\` shows them). A BACKUP is
nas/20261122T020000Z or nas@latest.

  --to DIR      below this folder, which stands for /; nothing that is there is overwritten
  --in-place    back to where the data came from: the module's containers stop, the old data is renamed aside
                (.before-restore-…) and kept, the containers start again. Files and folders inside a source are
                exchanged while the containers run
  --dump        load the backup's database dumps (davit.dump) into the databases that run. What these hold is
                replaced, which can't be undone: look with --dry-run first. The module's other containers stop meanwhile
  --container   with --dump: only that of this container
  --dry-run     show what would be done; change nothing
  --undo        take back the module's last restore in place, or the last undo`,
  options: {
    to: { type: "string" },
    "in-place": { type: "boolean" },
    "dry-run": { type: "boolean" },
    dump: { type: "boolean" },
    container: { type: "string" },
    undo: { type: "boolean" },
  },
  async run(context) {
    const { values, names } = context;
    if (values["undo"] === true) return undo(context);
    const [backup, ...paths] = names;
    const to = values["to"];
    if (backup === undefined)
      throw new Failure("usage", "name the backup to restore", {
        hint: "`davit list` shows them; nas@latest is the newest",
      });
    if (values["dump"] === true) return restoreDumps(context, backup);
    if (values["container"] !== undefined)
      throw new Failure("usage", "--container goes with --dump", {
        hint: `davit restore ${backup} --dump --container db`,
      });
    if ((typeof to === "string") === (values["in-place"] === true))
      throw new Failure("usage", "say where to: give either --to DIR or --in-place, or --dump", {
        hint: "--dry-run shows first what would be done",
      });
    if (to === "") throw new Failure("usage", "--to is empty", { hint: "name a folder: --to /tmp/restored" });
    const wish = { target: typeof to === "string" ? resolve(to) : null, paths: paths.map(plainPath) };
    if (values["dry-run"] === true) return preview(context, backup, wish);
    const result = await restoreBackup(await context.open(), backup, wish, context.request());
    tell(context, result);
    return 0;
  },
};

async function restoreDumps({ values, names, output, open, request }: CommandContext, backup: string): Promise<number> {
  const container = values["container"];
  if (names.length > 1 || values["to"] !== undefined || values["in-place"] === true)
    throw new Failure("usage", "--dump takes one backup, and neither paths nor --to nor --in-place", {
      hint: `davit restore ${backup} davit-dumps --to DIR gives the dumps as files`,
    });
  const name = typeof container === "string" ? container : null;
  if (values["dry-run"] === true) {
    const found = await previewDumpLoad(await open(), backup, name);
    for (const { container: into, kind, bytes } of found.dumps)
      output.line(
        `would load the ${kind} dump of ${formatBytes(bytes)} into ${into}, and replace what that holds; no undo`,
      );
    output.line(found.stops.length === 0 ? "  no container stops" : `  stops meanwhile: ${found.stops.join(", ")}`);
    output.line("nothing was changed");
    output.data(found);
    return 0;
  }
  const result = await loadDumps(await open(), backup, name, request());
  for (const { container: into, kind, bytes } of result.loaded)
    output.line(`${result.backup}: the ${kind} dump of ${formatBytes(bytes)} is loaded into ${into}`);
  output.data(result);
  return 0;
}

async function preview({ output, open, signal }: CommandContext, backup: string, wish: RestoreWish): Promise<number> {
  const found = await previewRestore(await open(), backup, wish, signal);
  output.line(describePreview(found));
  output.data(found);
  return 0;
}

async function undo({ values, names, output, open, request }: CommandContext): Promise<number> {
  const [module] = names;
  if (module === undefined || names.length > 1 || values["to"] !== undefined || values["in-place"] === true)
    throw new Failure("usage", "--undo takes one module and nothing else", { hint: "davit restore --undo nas" });
  if (values["dry-run"] === true)
    throw new Failure("usage", "--undo has no --dry-run", { hint: "an undo can be undone in the same way" });
  const result = await undoRestore(await open(), module, request());
  output.line(`${module}: the restore of ${result.backup} is undone`);
  for (const path of result.keptAside)
    output.line(`  what was there until now is kept in ${path}; remove it when you are sure`);
  output.data(result);
  return 0;
}

function tell({ output }: CommandContext, result: RestoreResult): void {
  const where = result.target === null ? "to where it came from" : `below ${result.target}`;
  output.line(`${result.backup}: ${result.entries} entries, ${formatBytes(result.bytes)} restored ${where}`);
  for (const path of result.keptAside)
    output.line(`  the data from before is kept in ${path}; remove it when you are sure`);
  if (result.keptAside.length > 0) {
    const [module] = result.backup.split("/");
    output.line(`  to go back: davit restore --undo ${module}`);
  }
  for (const { path, what } of result.notes.slice(0, 20)) output.problem(`note: /${path}: ${what}`);
  if (result.notesTotal > 20) output.problem(`note: and ${result.notesTotal - 20} more like these`);
  output.data(result);
}

function plainPath(text: string): BytePath {
  const path = text.replace(/^\/+|\/+$/gu, "");
  if (path === "")
    throw new Failure("usage", "a path to restore is empty", { hint: "leave it out to restore everything" });
  return fromText(path);
}
