import { Failure } from "../failure/failure.ts";
import { previewRecreate, recreateModule, type RecreateResult } from "../flow/recreate.ts";
import type { Command, CommandContext } from "./command.ts";
import { describeRecreate } from "./describe-recreate.ts";
import { formatBytes } from "./format-amounts.ts";

export const recreate: Command = {
  name: "recreate",
  summary: "make a whole module anew from a backup",
  usage: `davit recreate BACKUP [--dry-run]

Recovers a module on a host that has nothing of it, from the backup alone: images (found by id or digest, else pulled by
digest), networks, named volumes, data, and the containers as they were. Those that ran at the backup are started, in order,
and waited for until they are healthy. Nothing that exists is touched: what is in the way is told before anything is made.
Where it fails, what it made is removed again. A BACKUP is nas/20261122T020000Z or nas@latest.

  --dry-run    show what would be made, and what is in the way; change nothing`,
  options: { "dry-run": { type: "boolean" } },
  async run(context) {
    const { values, names, open, request } = context;
    const [backup, ...more] = names;
    if (backup === undefined || more.length > 0)
      throw new Failure("usage", "name one backup", { hint: "`davit list` shows them; nas@latest is the newest" });
    if (values["dry-run"] === true) return preview(context, backup);
    tell(context, await recreateModule(await open(), backup, request()));
    return 0;
  },
};

async function preview({ output, open }: CommandContext, backup: string): Promise<number> {
  const found = await previewRecreate(await open(), backup);
  output.line(describeRecreate(found));
  output.data(found);
  return 0;
}

function tell({ output }: CommandContext, result: RecreateResult): void {
  const { backup, containers, networks, volumes, entries, bytes, notes, notesTotal } = result;
  output.line(
    `${backup}: made ${containers.map((one) => one.name).join(", ")}, with ${networks.length} networks and ${volumes.length} volumes; ${entries} entries, ${formatBytes(bytes)} restored`,
  );
  const resting = containers.filter((one) => !one.started).map((one) => one.name);
  if (resting.length > 0) output.line(`  not started, since they did not run at the backup: ${resting.join(", ")}`);
  for (const { path, what } of notes.slice(0, 20)) output.problem(`note: /${path}: ${what}`);
  if (notesTotal > 20) output.problem(`note: and ${notesTotal - 20} more like these`);
  output.data(result);
}
