import path from "node:path";
import { keepNote } from "../durable/keep-note.ts";

/** Makes sure that the vault's RESTORE.txt is the one of this version; a file that is right is not touched. */
export async function writeRestoreNote(vault: string): Promise<void> {
  await keepNote(path.join(vault, "RESTORE.txt"), restoreNote);
}

const restoreNote = `How to restore these backups without Davit
==========================================

Each folder <module>/<time>/ is one backup; times are UTC. All that is needed is sha256sum and GNU tar, as root.
Folders that begin with a dot (.<time>.partial, .<time>.removing) are no backups.

1. Go into the folder of the backup:

       cd nas/20261122T020000Z

2. Check that nothing is damaged:

       sha256sum -c SHA256SUMS

3. Stop the module's containers, so that nobody writes meanwhile:

       docker compose stop          (or: docker stop <name> ...)

   On a new machine, make the named volumes first; "sources" in manifest.json names them:

       docker volume create <name>

4. Unpack. The archive holds host paths without the leading slash, so "-C /" puts all back where it was, and
   "-C /somewhere" puts it beside, to look first. One of these, by the archive's name:

       tar --numeric-owner --xattrs --xattrs-include='*' --acls -xpzf nas.tar.gz -C /
       tar --zstd --numeric-owner --xattrs --xattrs-include='*' --acls -xpf nas.tar.zst -C /     (needs zstd)
       tar --numeric-owner --xattrs --xattrs-include='*' --acls -xpf nas.tar -C /

   One file or folder alone: add its path without the leading slash, for example opt/docker/volumes/nas/data
   Files that were made after the backup stay where they are: to get exactly the old state, move the old folder aside first.

5. Start the containers again. Where they are gone, compose.yaml has them as they were (images by digest):

       docker compose -p nas -f compose.yaml up -d     (or, with docker-compose 1.29: docker-compose -p nas ...)

   containers.json, networks.json and volumes.json have all that the engine knew of them, passwords included, as compose.yaml
   has: keep them private.

With Davit, "davit recreate nas/20261122T020000Z" does all of this on a host that has nothing of the module.

If the archive is damaged or ends too early, tar restores what comes before. What comes after is not lost: the archive consists of
pieces that can be read alone, and index.ndjson.gz says where each file begins ("member": offset in the archive, "offset": in
what is unpacked from there on):

       zcat index.ndjson.gz
       tail -c +$((member + 1)) nas.tar.gz | gzip -dc | tail -c +$((offset + 1)) | tar -xp ... -C /somewhere
`;
