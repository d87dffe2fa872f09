import type { IndexEntry } from "../contract/manifest.ts";
import { Failure } from "../failure/failure.ts";
import { openBackup } from "../flow/open-backup.ts";
import type { BytePath } from "../format/byte-path.ts";
import { listEntries } from "../format/list-entries.ts";
import { missingEntry } from "../format/missing-entry.ts";
import type { IndexSource } from "../format/read-index.ts";
import type { Command } from "./command.ts";
import { describeEntry } from "./describe-entry.ts";
import { pathArgument } from "./path-argument.ts";
import { wallTimes } from "./wall-times.ts";

export const files: Command = {
  name: "files",
  summary: "list what a backup holds",
  usage: `davit files BACKUP [PATH]

Lists the entries of a backup, or those at PATH and below it, as \`ls -l\` does: type and mode, uid:gid, bytes, time of the
last change, path. A name shows as in \`tar -t\`: a line break as \\n, a backslash as \\\\, bytes that are not UTF-8 as \\377.

  BACKUP   nas/20261122T020000Z, or nas@latest for the newest
  PATH     a host path, with or without its leading slash
  --json   one JSON object a line, an entry each, as the index has them`,
  async run({ names, output, open, signal }) {
    const [id, path = "", ...more] = names;
    if (id === undefined || more.length > 0)
      throw new Failure("usage", id === undefined ? "name a backup" : "name one backup and at most one path", {
        hint: "davit files nas@latest /opt/docker/volumes/nas",
      });
    const davit = await open();
    const { folder, manifest } = await openBackup(davit, id);
    const wallTime = wallTimes(davit.config.timezone);
    const describe = output.json ? JSON.stringify : (entry: IndexEntry) => describeEntry(entry, wallTime);
    await output.pour(inBatches({ folder, manifest, signal }, pathArgument(path), describe));
    return 0;
  },
};

const batchSize = 64 * 1024;

/** Lines, some hundreds at a time: a write to a terminal or a pipe costs more than a line does. */
async function* inBatches(
  source: IndexSource,
  path: BytePath,
  describe: (entry: IndexEntry) => string,
): AsyncGenerator<string> {
  let batch = "";
  let found = false;
  for await (const entry of listEntries(source, path)) {
    found = true;
    batch += `${describe(entry)}\n`;
    if (batch.length < batchSize) continue;
    yield batch;
    batch = "";
  }
  if (batch !== "") yield batch;
  if (!found && path !== "") throw await missingEntry(source, path);
}
