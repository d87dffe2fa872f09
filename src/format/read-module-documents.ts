import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { networkInspect, type NetworkInspect } from "../docker/networks.ts";
import { volumeInspect, type VolumeInspect } from "../docker/volumes.ts";
import { Failure } from "../failure/failure.ts";
import { networksFile, volumesFile } from "./file-names.ts";
import { readChecksums } from "./read-checksums.ts";
import { readContainers } from "./read-containers.ts";

/** The documents of a sealed backup. Null where it was made before Davit kept those of networks and volumes. */
export interface RecordedDocuments {
  containers: ContainerInspect[];
  networks: NetworkInspect[] | null;
  volumes: VolumeInspect[] | null;
}

/** All documents of a sealed backup, compared with their checksums. Throws `damaged` where they can't be relied on. */
export async function readModuleDocuments(folder: string): Promise<RecordedDocuments> {
  const sums = await readChecksums(folder);
  return {
    containers: await readContainers(folder),
    networks: await readList(join(folder, networksFile), sums.get(networksFile), networkInspect),
    volumes: await readList(join(folder, volumesFile), sums.get(volumesFile), volumeInspect),
  };
}

async function readList<T>(file: string, sum: string | undefined, schema: z.ZodType<T>): Promise<T[] | null> {
  if (sum === undefined) return null;
  const content = await readFile(file);
  if (createHash("sha256").update(content).digest("hex") !== sum)
    throw new Failure("damaged", `${file} does not match its checksum`);
  const parsed = z.array(schema).safeParse(JSON.parse(content.toString("utf8")));
  if (parsed.success) return parsed.data;
  throw new Failure("damaged", `${file} is not a list of the engine's documents`, { cause: parsed.error });
}
