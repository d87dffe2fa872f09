import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { containerInspect, type ContainerInspect } from "../docker/container-inspect.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import { readChecksums } from "./read-checksums.ts";

const file = "containers.json";

/** The containers' documents of a sealed backup, compared with their checksum. Throws `damaged` where they can't be relied on. */
export async function readContainers(folder: string): Promise<ContainerInspect[]> {
  const content = await read(join(folder, file));
  const expected = (await readChecksums(folder)).get(file);
  if (createHash("sha256").update(content).digest("hex") !== expected)
    throw new Failure("damaged", `${join(folder, file)} does not match its checksum`);
  try {
    return z.array(containerInspect).parse(JSON.parse(content.toString("utf8")));
  } catch (thrown) {
    throw new Failure("damaged", `${join(folder, file)} is no list of containers`, { cause: thrown });
  }
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") throw new Failure("damaged", `${path} is not there`, { cause: thrown });
    throw thrown;
  }
}
