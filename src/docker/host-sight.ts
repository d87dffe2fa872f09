import type { ContainerInspect } from "./container-inspect.ts";

/** Whether a path here is the same path of the host. */
export type HostSight = (path: string) => boolean;

/**
 * What a process sees of the host: everything where it runs in no container (`own` is null), else what is mounted into its
 * container at the same path.
 */
export function hostSight(own: Pick<ContainerInspect, "Mounts"> | null): HostSight {
  if (own === null) return () => true;
  const folders = (own.Mounts ?? [])
    .filter((mount) => mount.Source === mount.Destination)
    .map((mount) => mount.Destination);
  return (path) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
