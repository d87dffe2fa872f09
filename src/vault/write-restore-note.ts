import { readFile } from "node:fs/promises";
import path from "node:path";
import { writeDurably } from "../durable/write-durably.ts";

/** Makes sure that the vault's RESTORE.txt is the one of this version; a file that is right is not touched. */
export async function writeRestoreNote(vault: string): Promise<void> {
  const file = path.join(vault, "RESTORE.txt");
  const present = await readFile(file, "utf8").catch(() => null);
  if (present !== restoreNote) await writeDurably(file, restoreNote, 0o644);
}

const restoreNote = `How to restore these backups without Davit
==========================================

Each folder <module>/<time>/ is one backup; times are UTC. All that is needed is sha256sum and GNU tar, as root.

1. Go into the folder of the backup:

       cd nas/20261122T020000Z

2. Check that nothing is damaged:

       sha256sum -c SHA256SUMS

3. Stop the module's containers, so that nobody writes meanwhile:

       docker compose stop          (or: docker stop <name> ...)

4. Unpack. The archive holds host paths without the leading slash, so "-C /" puts all back where it was, and
   "-C /somewhere" puts it beside, to look first:

       tar -xpzf nas.tar.gz   --numeric-owner --xattrs --xattrs-include='*' --acls -C /
       tar --zstd -xpf nas.tar.zst   (the same options; needs zstd)
       tar -xpf nas.tar              (the same options)

   One folder alone: add its path without the leading slash, for example opt/docker/volumes/nas/data
   Files that were made after the backup stay where they are: to get exactly the old state, move the old folder aside first.

5. Start the containers again. Where they are gone, compose.yaml has them as they were (images by digest), and
   containers.json all their settings, passwords included: keep it private.

Folders that begin with a dot (.<time>.partial, .<time>.removing) are no backups.
`;
