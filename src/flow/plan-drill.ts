import { join } from "node:path";
import { discoverModules } from "../discover/discover-modules.ts";
import { recordedContainers } from "../discover/recorded-containers.ts";
import { hostPathOf } from "../docker/host-path-of.ts";
import { ownContainer } from "../docker/own-container.ts";
import { ownImage } from "../docker/own-image.ts";
import type { DrillOrder } from "../drill/drill-order.ts";
import { findImages } from "../drill/find-images.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import { readContainers } from "../format/read-containers.ts";
import { dependencyWaves } from "../hold/dependency-waves.ts";
import type { Davit } from "./davit.ts";
import type { OpenBackup } from "./open-backup.ts";

type DrillPlan = Pick<DrillOrder, "waves" | "images" | "sources" | "hostData" | "settings" | "askingImage">;

/**
 * What a drill of a backup needs besides its data. How the module is to be asked is what its labels say now, where it is on this
 * host, else what they said at the backup. Throws `missing` where an image is gone.
 */
export async function planDrill(davit: Davit, backup: OpenBackup, folder: string): Promise<DrillPlan> {
  const { config, docker } = davit;
  const documents = await readContainers(backup.folder);
  if (documents.length === 0)
    throw new Failure("missing", `${backup.id} names no container to start`, {
      hint: "the containers were gone while it was made; make a new backup",
    });
  const recorded = recordedContainers(backup.module, documents, config);
  const now = (await discoverModules(docker, config)).find((one) => one.name === backup.module);
  const settings = (now?.settings ?? recorded.settings).drill;
  if (settings.check.type === "off")
    throw new Failure("usage", `drills of ${backup.module} are off (davit.drill=off)`, {
      hint: "set davit.drill to health, tcp:PORT, http:PORT/path or exec:command",
    });
  const asks = settings.check.type === "tcp" || settings.check.type === "http";
  return {
    waves: dependencyWaves(recorded.containers).map((wave) => wave.map((one) => one.document)),
    images: await findImages(docker, documents, backup.manifest),
    sources: backup.manifest.sources,
    hostData: await seenByEngine(davit, join(folder, "data")),
    settings,
    askingImage: asks ? await askingImage(davit) : "",
  };
}

async function askingImage({ docker, config, version }: Davit): Promise<string> {
  try {
    return await ownImage(docker, { image: config.image, version });
  } catch (error) {
    const { kind, message, hint } = asFailure(error);
    // That Davit lacks something speaks not against the backup.
    throw new Failure(kind === "missing" ? "config" : kind, message, { ...(hint && { hint }), cause: error });
  }
}

/** The engine's own path of a folder in the scratch folder. */
async function seenByEngine({ docker, config }: Davit, folder: string): Promise<string> {
  const path = hostPathOf(await ownContainer(docker), folder);
  if (path !== null) return path;
  throw new Failure("config", `the host can't see the scratch folder ${config.scratch}`, {
    hint: "mount a folder of the host there, or set DAVIT_SCRATCH to one that is mounted",
  });
}
