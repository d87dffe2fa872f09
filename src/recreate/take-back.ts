import { rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { formatBackupTime } from "../contract/backup-id.ts";
import type { Docker } from "../docker/connect-docker.ts";
import { inspectIfThere } from "../docker/inspect-if-there.ts";
import { networkIfThere } from "../docker/network-if-there.ts";
import { errorCode } from "../failure/failure.ts";
import type { MadeThing, RecreateEntry, RecreateJournal } from "./open-recreate-journal.ts";

/** A thing that the engine never said was made is ours if it came into being when it was asked for. */
const clockSlackMs = 2000;
const longestMakingMs = 600_000;

/**
 * Takes back what a recovery of the module that did not get to its end has made: its containers, networks and volumes are
 * removed, the data at its paths is set aside. Gives where that is, or null where no recovery was cut off. Only for who has the
 * module's lock.
 */
export async function takeBack(
  docker: Docker,
  journal: RecreateJournal,
  module: string,
  now: Date,
): Promise<{ entry: RecreateEntry; keptAside: string[] } | null> {
  const entry = await journal.read(module);
  if (entry === null) return null;
  for (const thing of entry.made.toReversed()) await removeThing(docker, thing);
  const keptAside: string[] = [];
  for (const path of entry.paths) {
    const aside = join(dirname(path), `.undone-${formatBackupTime(now)}-${basename(path)}`);
    try {
      await rename(path, aside);
      keptAside.push(aside);
    } catch (thrown) {
      if (errorCode(thrown) !== "ENOENT" && errorCode(thrown) !== "ENOTDIR") throw thrown;
    }
  }
  await journal.clear(module);
  return { entry, keptAside };
}

async function removeThing(docker: Docker, thing: MadeThing): Promise<void> {
  const id = thing.id ?? (await foundByName(docker, thing));
  if (id === null) return;
  if (thing.kind === "container") await docker.removeContainer(id);
  else if (thing.kind === "network") await docker.removeNetwork(id);
  else await docker.removeVolume(id);
}

async function foundByName(docker: Docker, { kind, name, at }: MadeThing): Promise<string | null> {
  const found = await look(docker, kind, name);
  if (found === null) return null;
  const after = Date.parse(found.created) - Date.parse(at);
  return after >= -clockSlackMs && after <= longestMakingMs ? found.id : null;
}

async function look(
  docker: Docker,
  kind: MadeThing["kind"],
  name: string,
): Promise<{ id: string; created: string } | null> {
  if (kind === "container") {
    const found = await inspectIfThere(docker, name);
    return found && { id: found.Id, created: String(found["Created"]) };
  }
  if (kind === "network") {
    const found = await networkIfThere(docker, name);
    return found && { id: found.Id, created: String(found["Created"]) };
  }
  const found = await docker.findVolume(name);
  return found && { id: found.Name, created: found.CreatedAt ?? "" };
}
