import { rm } from "node:fs/promises";
import type { Docker } from "../docker/connect-docker.ts";
import { storageFailure } from "../failure/storage-failure.ts";
import { drillFilter } from "./drill-labels.ts";
import type { DrillJournal } from "./open-drill-journal.ts";

/**
 * Removes all that a module's drill made: containers, network, restored data; its entry in the journal last, so that what can't be
 * removed now is tried again. Gives the run that had left something, null where there was nothing. Only for who has the module's lock.
 */
export async function removeDrill(docker: Docker, journal: DrillJournal, module: string): Promise<string | null> {
  const entry = await journal.read(module);
  if (entry === null) return null;
  const filter = drillFilter(entry.run);
  for (const id of await docker.containersWith(filter)) await docker.removeContainer(id);
  for (const id of await docker.networksWith(filter)) await docker.removeNetwork(id);
  try {
    await rm(entry.folder, { recursive: true, force: true });
  } catch (thrown) {
    throw storageFailure(`can't remove ${entry.folder}, which a drill restored into`, thrown);
  }
  await journal.clear(module);
  return entry.run;
}
