import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { formatVersion, manifest, type Manifest } from "../contract/manifest.ts";
import { errorCode, Failure } from "../failure/failure.ts";

const versioned = z.looseObject({ format: z.int().min(1) });

/**
 * The manifest of a sealed backup. `format` is looked at before anything else: a newer one is refused with a hint, since its
 * other fields may mean something else. Throws `missing` where there is no manifest, `damaged` where it can't be read.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, "manifest.json");
  const parsed = parseJson(await readText(file, folder), file);
  const version = versioned.safeParse(parsed);
  if (!version.success) throw new Failure("damaged", `${file} does not say which format it has`);
  if (version.data.format > formatVersion)
    throw new Failure(
      "damaged",
      `${folder} has format ${version.data.format}, and this Davit reads up to ${formatVersion}`,
      {
        hint: "use a newer Davit, or restore with tar as RESTORE.txt in the vault says",
      },
    );
  const checked = manifest.safeParse(parsed);
  if (!checked.success)
    throw new Failure("damaged", `${file} is not a manifest: ${z.prettifyError(checked.error)}`, {
      cause: checked.error,
    });
  for (const name of [checked.data.archive.file, checked.data.index.file])
    if (name === "" || name.includes("/") || name === "." || name === ".." || name.includes("\0"))
      throw new Failure("unsafe", `${file} names a file that is not one of the backup: ${JSON.stringify(name)}`);
  return checked.data;
}

async function readText(file: string, folder: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT" || errorCode(thrown) === "ENOTDIR")
      throw new Failure("missing", `${folder} is no sealed backup: it has no manifest.json`, { cause: thrown });
    throw thrown;
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new Failure("damaged", `${file} is not JSON`, { cause: thrown });
  }
}
