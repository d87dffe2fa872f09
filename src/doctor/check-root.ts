import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import type { DoctorCheck } from "../contract/api.ts";
import { errorCode } from "../failure/failure.ts";

/**
 * Whether a root is there, is visible to Davit, and may be read. `sees` says whether a path here is the host's: what is not is
 * reached through twins.
 */
export async function checkRoot(root: string, sees: (path: string) => boolean): Promise<DoctorCheck> {
  const name = `root ${root}`;
  if (!sees(root))
    return {
      name,
      status: "ok",
      message: `${root} is not mounted into Davit's container: what lies below it is reached through twins`,
    };
  const hint = `make the folder, or mount it into Davit's container at the same path, or correct DAVIT_ROOTS`;
  try {
    if (!(await stat(root)).isDirectory()) return { name, status: "error", message: `${root} is not a folder`, hint };
    await access(root, constants.R_OK | constants.X_OK);
    const below = await readdir(root);
    if (below.length > 0) return { name, status: "ok", message: `${root} is there and can be read` };
    return {
      name,
      status: "warning",
      message: `${root} is empty`,
      hint: "where the host's folder is not, mount that into Davit's container at the same path",
    };
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === "ENOENT") return { name, status: "error", message: `${root} is not there, as Davit sees it`, hint };
    if (code !== "EACCES") throw thrown;
    return {
      name,
      status: "error",
      message: `${root} may not be read by Davit`,
      hint: "run Davit as root, or give its container the capability DAC_READ_SEARCH",
    };
  }
}
