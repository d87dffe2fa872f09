import { lstat } from "node:fs/promises";
import { normalize } from "node:path";
import type { Source } from "../contract/module.ts";
import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import type { HostSight } from "../docker/host-sight.ts";
import type { VolumeInspect } from "../docker/volumes.ts";
import { errorCode, Failure } from "../failure/failure.ts";
import type { PlannedVolume, RecreatePlan } from "./recreate-plan.ts";

type Findings = Pick<RecreatePlan, "inTheWay" | "missing" | "warnings">;

/** The named volumes of containers, as they were, each with the source that comes back into it. */
export async function planVolumes(
  docker: Docker,
  containers: readonly ContainerInspect[],
  recorded: readonly VolumeInspect[] | null,
  sources: readonly Source[],
  { inTheWay, warnings }: Findings,
): Promise<PlannedVolume[]> {
  const mounts = containers.flatMap((one) => one.Mounts ?? []).filter((mount) => mount.Type === "volume");
  const named = new Map(mounts.flatMap((mount) => (isNamed(mount.Name) ? [[mount.Name, mount] as const] : [])));
  const volumes: PlannedVolume[] = [];
  for (const [name, mount] of [...named].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const like = recorded?.find((one) => one.Name === name);
    if (like === undefined)
      warnings.push({
        message: `the backup does not say which labels and options the volume ${name} had; it gets none`,
      });
    if ((await docker.findVolume(name)) !== null) inTheWay.push(`the volume ${name}`);
    const source = sources.find((one) => one.kind === "volume" && one.volume === name)?.path ?? null;
    const isElsewhere = like?.Options?.["device"] !== undefined;
    if (source === null || isElsewhere)
      warnings.push({
        message: `the volume ${name} is made, but no data is put into it${isElsewhere ? `: it is kept at ${like.Options?.["device"]}` : ", since the backup holds none"}`,
        ...(isElsewhere && source !== null && { hint: "its data is in the backup: restore it with --to a folder" }),
      });
    volumes.push({
      like: like ?? { Name: name, Driver: mount.Driver || "local", Labels: null, Options: null },
      source: isElsewhere ? null : source,
    });
  }
  return volumes;
}

function isNamed(name: string | null | undefined): name is string {
  return Boolean(name) && !/^[0-9a-f]{64}$/u.test(name ?? "");
}

/**
 * The host paths at which data comes in. What `sees` says can't be seen from here is not looked at. Throws `unsafe` for one that
 * lies below no root: a backup is data from a disk.
 */
export async function planPaths(
  sources: readonly Source[],
  roots: readonly string[],
  sees: HostSight,
  { inTheWay }: Findings,
): Promise<string[]> {
  const paths = sources.filter((one) => one.kind !== "volume").map((one) => one.path);
  for (const path of paths) {
    const isPlain = path.startsWith("/") && normalize(path) === path && path !== "/";
    if (!isPlain || !roots.some((root) => path === root || path.startsWith(root === "/" ? "/" : `${root}/`)))
      throw new Failure("unsafe", `${path} lies below no root`, {
        hint: "add its folder to DAVIT_ROOTS, or restore with --to a folder",
      });
    if (sees(path) && (await isThere(path))) inTheWay.push(`${path} on the host`);
  }
  return paths;
}

/** Host paths that containers mount and that the backup does not hold: they have to be there. */
export async function checkMounts(
  containers: readonly ContainerInspect[],
  paths: readonly string[],
  sees: HostSight,
  { missing }: Findings,
): Promise<void> {
  for (const container of containers)
    for (const { Type, Source: path } of container.Mounts ?? []) {
      if (Type !== "bind" || !path || paths.some((one) => path === one || path.startsWith(`${one}/`))) continue;
      if (!sees(path) || (await isThere(path))) continue;
      missing.push({
        message: `${container.Name.replace(/^\//u, "")} mounts ${path}, which is neither in the backup nor on this host`,
        hint: "put it there first; the next backup has it where it lies below a root",
      });
    }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT" || errorCode(thrown) === "ENOTDIR") return false;
    throw thrown;
  }
}
