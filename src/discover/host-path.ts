import { lstat, realpath, stat } from "node:fs/promises";
import { errorCode } from "../failure/failure.ts";

/** What stands at a host path, as Davit sees it. */
export interface HostPath {
  kind: "directory" | "file" | "socket" | "device" | "fifo" | "unseen";
  /** The path without symbolic links. */
  real: string;
}

/** Looks at a path; one that can't be seen (not there, not mounted into Davit's container) is `unseen`. */
export async function lookAt(path: string): Promise<HostPath> {
  try {
    const real = (await lstat(path)).isSymbolicLink() ? await realpath(path) : path;
    const found = await stat(real);
    if (found.isDirectory()) return { kind: "directory", real };
    if (found.isFile()) return { kind: "file", real };
    if (found.isSocket()) return { kind: "socket", real };
    return { kind: found.isFIFO() ? "fifo" : "device", real };
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return { kind: "unseen", real: path };
  }
}

/** Whether `path` is `folder` or lies in it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}
