import { mkdir } from "node:fs/promises";
import { relative, sep } from "node:path";
import type { Davit } from "./davit.ts";

/** What a volume of the engine's own driver keeps its data in, below a folder of its name. */
const dataFolder = "_data";

/**
 * The volume of the engine that the vault lies in; null where it lies in none. Both are made where they are not there: unlike a
 * disk, a volume can't be missing because nobody has mounted it. One whose folder alone is there is made known to the engine,
 * which else lists it only after its next start; what it holds stays as it is.
 */
export async function claimVaultVolume({
  docker,
  config,
}: {
  docker: Pick<Davit["docker"], "volumesFolder" | "findVolume" | "createVolume">;
  config: Pick<Davit["config"], "vault">;
}): Promise<string | null> {
  const [name = "", data] = relative(await docker.volumesFolder(), config.vault).split(sep);
  if (name === ".." || data !== dataFolder) return null;
  if ((await docker.findVolume(name)) === null)
    await docker.createVolume({ Name: name, Driver: "local", Labels: null, Options: null });
  await mkdir(config.vault, { recursive: true, mode: 0o700 });
  return name;
}
