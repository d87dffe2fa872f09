import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { asFailure, Failure } from "../failure/failure.ts";

/** A container, and how long who asks is willing to wait. */
export interface DumpTarget {
  docker: Pick<Docker, "exec">;
  document: ContainerInspect;
  signal: AbortSignal;
}

/** Looks a container's setting up, by the first of these names that it has; null where it has none. */
export type ReadSetting = (...names: readonly string[]) => Promise<string | null>;

const readMs = 30_000;
const longestSecret = 64 * 1024;

/**
 * Reads settings as the official images do: from the variable of the container's environment, or from the file that the
 * variable with `_FILE` names, as it is inside the container. An empty one counts as none.
 */
export function settingsOf({ docker, document, signal }: DumpTarget): ReadSetting {
  const environment = new Map(
    (document.Config.Env ?? []).map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );

  async function readFile(name: string, path: string): Promise<string> {
    const pieces: Buffer[] = [];
    let length = 0;
    const onOutput = (stream: string, bytes: Buffer): void => {
      if (stream === "stdout" && (length += bytes.length) <= longestSecret) pieces.push(bytes);
    };
    const command = ["cat", path];
    const what = `${name}=${path} of the container ${document.Name.slice(1)}`;
    const { exitCode } = await docker
      .exec(document.Id, { command, signal, limitMs: readMs, onOutput })
      .catch((error: unknown) => {
        throw new Failure(asFailure(error).kind, `could not read ${what}: ${asFailure(error).message}`, {
          cause: error,
        });
      });
    if (exitCode !== 0)
      throw new Failure("failed", `could not read ${what} inside the container`, {
        hint: "see whether the file is there, and open to the container's user",
      });
    // As `$(< file)` in the images' own scripts.
    return Buffer.concat(pieces).toString().replace(/\n+$/u, "");
  }

  return async (...names) => {
    for (const name of names) {
      const value = environment.get(name) ?? "";
      if (value !== "") return value;
      const path = environment.get(`${name}_FILE`) ?? "";
      if (path !== "") return readFile(`${name}_FILE`, path);
    }
    return null;
  };
}
