import type { ContainerInspect } from "./container-inspect.ts";

/**
 * The host's path of what `container` sees at `path`; null where that lies on none of its mounts, so that the host can't see it.
 * Without a container it is the host's own path.
 */
export function hostPathOf(container: Pick<ContainerInspect, "Mounts"> | null, path: string): string | null {
  if (container === null) return path;
  const within = (folder: string): boolean => path === folder || path.startsWith(`${folder.replace(/\/$/u, "")}/`);
  const [mount] = (container.Mounts ?? [])
    .filter((one) => within(one.Destination))
    .toSorted((one, other) => other.Destination.length - one.Destination.length);
  if (!mount?.Source?.startsWith("/")) return null;
  return `${mount.Source.replace(/\/$/u, "")}${path.slice(mount.Destination.replace(/\/$/u, "").length)}`;
}
