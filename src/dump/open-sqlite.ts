import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { DumpSetting } from "../contract/settings.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { Failure } from "../failure/failure.ts";

/**
 * A SQLite dump that Davit reads itself, for a container that has no sqlite3; null where the database lies in none of the
 * folders that Davit sees. Throws where a link stands on the way to it, since that may lead anywhere on the host.
 */
export async function openSqlite(
  document: ContainerInspect,
  { path }: DumpSetting,
  visible: readonly string[],
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer> | null> {
  const file = hostPath(document, path ?? "");
  if (file === null || !visible.some((folder) => file.startsWith(`${folder}/`))) return null;
  const real = await realpath(file).catch(() => null);
  if (real === file) {
    // Few need it, so that it is loaded only now.
    const { readSqlite } = await import("./read-sqlite.ts");
    return readSqlite(file, signal);
  }
  const why = real === null ? "is not there" : "is, or lies behind, a link";
  throw new Failure(
    real === null ? "missing" : "unsafe",
    `the SQLite database ${path} of ${document.Name.slice(1)} ${why}`,
    {
      hint: "davit.dump=sqlite:/path names the database's own file, as it is inside the container",
    },
  );
}

/** Where a path inside a container lies on the host; null where it lies in no mount. */
function hostPath({ Mounts }: ContainerInspect, path: string): string | null {
  const [nearest] = (Mounts ?? [])
    .filter(({ Destination }) => path.startsWith(`${Destination.replace(/\/+$/u, "")}/`))
    .toSorted((one, other) => other.Destination.length - one.Destination.length);
  if (nearest?.Source === undefined || nearest.Source === null || nearest.Source === "") return null;
  return join(nearest.Source, path.slice(nearest.Destination.replace(/\/+$/u, "").length));
}
