import { lstat, realpath, stat } from "node:fs/promises";
import { errorCode } from "../failure/failure.ts";

/** What stands at a host path, as Davit sees it. */
export interface HostPath {
  kind: "directory" | "file" | "socket" | "device" | "fifo" | "unseen" | "beyond";
  /** The path without symbolic links. */
  real: string;
}

/**
 * Looks at a path; one that is not there is `unseen`. One that `sees` says is no path of the host here is `beyond`: whether it
 * is there can't be told.
 */
export async function lookAt(path: string, sees: (path: string) => boolean = () => true): Promise<HostPath> {
  if (!sees(path)) return { kind: "beyond", real: path };
  try {
    const real = (await lstat(path)).isSymbolicLink() ? await realpath(path) : path;
    if (!sees(real)) return { kind: "unseen", real: path };
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
