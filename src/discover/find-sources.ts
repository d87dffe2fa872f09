import type { Config } from "../config/config.ts";
import type { Module, Source, Warning } from "../contract/module.ts";
import type { ContainerInspect, Mount } from "../docker/container-inspect.ts";
import { type HostPath, isWithin } from "./host-path.ts";

/** What a module keeps its data in. */
export type FoundSources = Pick<Module, "sources" | "leftOut" | "warnings">;

type Verdict = { source: Source; warning?: Warning } | { reason: string; warning?: Warning };

const systemFolders = ["/proc", "/sys", "/dev"];

/**
 * The sources of a module's containers: bind mounts below a root and named volumes, each once, by path; what is not one is
 * listed with the reason. `look` tells what stands at a path (null where nobody looked).
 */
export function findSources(
  containers: readonly ContainerInspect[],
  include: readonly string[],
  config: Pick<Config, "roots" | "vault" | "state" | "scratch">,
  look: (path: string) => HostPath | null,
): FoundSources {
  const sources = new Map<string, Source>();
  const leftOut = new Map<string, string>();
  const warnings = new Map<string, Warning>();

  function settle(path: string, verdict: Verdict): void {
    if ("source" in verdict) {
      const seen = look(verdict.source.path);
      const checked = seen === null ? verdict : checkSeen(verdict.source, seen, config);
      if ("source" in checked) {
        if (!sources.has(checked.source.path)) sources.set(checked.source.path, checked.source);
        if (checked.warning !== undefined) warnings.set(checked.warning.message, checked.warning);
        return;
      }
      verdict = checked;
    }
    leftOut.set(path, verdict.reason);
    if (verdict.warning !== undefined) warnings.set(verdict.warning.message, verdict.warning);
  }

  for (const container of containers)
    for (const mount of container.Mounts ?? [])
      settle(mount.Source || mount.Destination, judgeMount(mount, container, config));
  for (const path of include) settle(path, judgeInclude(path, config));

  return {
    sources: [...sources.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    leftOut: [...leftOut].map(([path, reason]) => ({ path, reason })),
    warnings: [...warnings.values()],
  };
}

/** The host paths that `findSources` may want to look at. */
export function pathsToLookAt(containers: readonly ContainerInspect[], include: readonly string[]): string[] {
  const mounted = containers.flatMap((one) => (one.Mounts ?? []).map((mount) => mount.Source ?? ""));
  return [...new Set([...mounted, ...include])].filter((path) => path.startsWith("/"));
}

function judgeMount(
  mount: Mount,
  container: ContainerInspect,
  config: Pick<Config, "roots" | "vault" | "state" | "scratch">,
): Verdict {
  const path = mount.Source ?? "";
  const name = container.Name.replace(/^\//u, "");
  if (mount.Type === "tmpfs") return { reason: "a tmpfs, which lives in memory only" };
  if (mount.Type === "volume") return judgeVolume(mount, path, name);
  if (mount.Type !== "bind") return { reason: `a mount of type ${mount.Type}` };
  if (systemFolders.some((folder) => isWithin(path, folder))) return { reason: "belongs to the kernel" };
  if (path.endsWith(".sock")) return { reason: "a socket" };
  if (!config.roots.some((root) => isWithin(path, root))) return { reason: outside(config.roots) };
  return ownFolder(path, config) ?? { source: { path, kind: "bind" } };
}

function judgeVolume(mount: Mount, path: string, container: string): Verdict {
  const volume = mount.Name ?? "";
  if (/^[0-9a-f]{64}$/u.test(volume))
    return {
      reason: "a volume without a name",
      warning: {
        severity: "warning",
        message: `${mount.Destination} of container ${container} is a volume without a name, which is not backed up`,
        hint: "give the volume a name in the compose file",
      },
    };
  if ((mount.Driver ?? "local") !== "local" || !path.startsWith("/"))
    return {
      reason: `a volume of the driver ${mount.Driver ?? "?"}`,
      warning: {
        severity: "warning",
        message: `the volume ${volume} is not kept on this host (driver ${mount.Driver ?? "?"}) and is not backed up`,
      },
    };
  return { source: { path, kind: "volume", volume } };
}

function judgeInclude(path: string, config: Pick<Config, "roots" | "vault" | "state" | "scratch">): Verdict {
  if (config.roots.some((root) => isWithin(path, root)))
    return ownFolder(path, config) ?? { source: { path, kind: "include" } };
  return {
    reason: outside(config.roots),
    warning: {
      severity: "error",
      message: `davit.include=${path} does not lie below a root (${config.roots.join(", ")})`,
      hint: "add its folder to DAVIT_ROOTS, and mount that into Davit's container at the same path",
    },
  };
}

/** Davit's own folders are no module's data; a source that holds one of them would archive the archives. */
function ownFolder(path: string, config: Pick<Config, "vault" | "state" | "scratch">): Verdict | null {
  for (const name of ["vault", "state", "scratch"] as const) {
    if (isWithin(path, config[name])) return { reason: `lies in Davit's ${name}` };
    if (isWithin(config[name], path))
      return {
        reason: `holds Davit's ${name}`,
        warning: {
          severity: "error",
          message: `${path} holds Davit's own ${name} (${config[name]}) and can't be backed up`,
          hint: `move the ${name} to another place, or mount less into the container`,
        },
      };
  }
  return null;
}

function checkSeen(source: Source, seen: HostPath, config: Pick<Config, "roots">): Verdict {
  if (seen.kind === "beyond")
    return {
      source,
      warning: {
        severity: "note",
        message: `${source.path} is not mounted into Davit's container and is reached through a twin of it`,
        hint: "mount it there at the same path to read it without a twin",
      },
    };
  if (seen.kind === "unseen")
    return {
      reason: "Davit can't see it",
      warning: {
        severity: "error",
        message: `Davit can't see ${source.path}`,
        hint: "mount it into Davit's container at the same path (read-only is enough for backups), and see that it exists",
      },
    };
  if (seen.kind !== "directory" && seen.kind !== "file") return { reason: `a ${seen.kind}` };
  if (seen.real === source.path) return { source };
  if (source.kind === "volume" || config.roots.some((root) => isWithin(seen.real, root)))
    return { source: { ...source, path: seen.real } };
  return {
    reason: `a link to ${seen.real}, which lies ${outside(config.roots)}`,
    warning: {
      severity: "error",
      message: `${source.path} is a link to ${seen.real}, which does not lie below a root`,
      hint: "add the folder that it points at to DAVIT_ROOTS",
    },
  };
}

function outside(roots: readonly string[]): string {
  return `outside the roots (${roots.join(", ")})`;
}
