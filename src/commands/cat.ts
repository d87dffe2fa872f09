import { Failure } from "../failure/failure.ts";
import { openBackup } from "../flow/open-backup.ts";
import { findEntry } from "../format/find-entry.ts";
import { readEntry } from "../format/read-entry.ts";
import type { Command } from "./command.ts";
import { pathArgument } from "./path-argument.ts";

export const cat: Command = {
  name: "cat",
  summary: "write one file of a backup to standard output",
  usage: `davit cat BACKUP PATH

Writes the file's content, and fails (exit code 8) where that is not what was backed up: look at the exit code before you
use it. Of a hard link, the content of the file that it names.

  BACKUP   nas/20261122T020000Z, or nas@latest for the newest
  PATH     the file's host path, with or without its leading slash
  --json   the entry of the index instead of the content, of any type`,
  async run({ names, output, open, signal }) {
    const [id, word, ...more] = names;
    if (id === undefined || word === undefined || more.length > 0)
      throw new Failure("usage", "name one backup and one file", {
        hint: "davit cat nas@latest /opt/docker/volumes/nas/notes.txt > notes.txt",
      });
    const path = pathArgument(word);
    if (path === "") throw new Failure("usage", `${word} is no file`, { hint: `\`davit files ${id}\` lists them` });
    const { folder, manifest } = await openBackup(await open(), id);
    const source = { folder, manifest, signal };
    if (output.json) output.data((await findEntry(source, path)).entry);
    else await output.pour((await readEntry(source, path)).content);
    return 0;
  },
};
