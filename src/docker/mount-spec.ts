import type { ContainerInspect, MountWish } from "./container-inspect.ts";

/** Where a mount comes from: a path of the host (type `bind`) or a volume's name (type `volume`), and where it is seen. */
export interface MountOrigin {
  type: string;
  source: string;
  target: string;
}

type MapMount = (mount: MountOrigin) => MountOrigin | null;

/** A volume that nobody gave a name has 64 hexadecimal digits for one. */
const anonymousName = /^[0-9a-f]{64}$/u;

/** Whether that is the name of a volume that nobody gave a name. */
function anonymousVolume(name: string): boolean {
  return anonymousName.test(name);
}

/** The mounts that a container was created with, as `HostConfig` takes them, and the paths of its anonymous volumes. */
export function mountSpec(
  { HostConfig }: Pick<ContainerInspect, "HostConfig">,
  map: MapMount,
): { binds: string[]; mounts: MountWish[]; anonymous: string[] } {
  const anonymous: string[] = [];
  const binds = (HostConfig.Binds ?? []).flatMap((bind) => {
    const [source = "", target, options] = bind.split(":");
    if (target === undefined || anonymousVolume(source)) {
      anonymous.push(target ?? source);
      return [];
    }
    const type = source.startsWith("/") ? "bind" : "volume";
    const mapped = map({ type, source, target });
    if (mapped === null) return [];
    // What is said of copying belongs to volumes.
    const kept =
      mapped.type === type
        ? options
        : options
            ?.split(",")
            .filter((one) => one !== "nocopy")
            .join(",");
    return [[mapped.source, mapped.target, ...(kept ? [kept] : [])].join(":")];
  });
  const mounts = (HostConfig.Mounts ?? []).flatMap((wish): MountWish[] => {
    if (!wish.Source) return [wish];
    if (wish.Type === "volume" && anonymousVolume(wish.Source)) return [{ ...wish, Source: undefined }];
    const mapped = map({ type: wish.Type, source: wish.Source, target: wish.Target });
    if (mapped === null) return [];
    const { type: Type, source: Source, target: Target } = mapped;
    if (Type === wish.Type) return [{ ...wish, Source, Target }];
    const below = wish.VolumeOptions?.Subpath;
    return [{ Type, Source: below ? `${Source}/${below}` : Source, Target, ReadOnly: wish.ReadOnly }];
  });
  return { binds, mounts, anonymous };
}
