import type { ContainerInspect, MountWish } from "./container-inspect.ts";
import { mountSpec, type MountOrigin } from "./mount-spec.ts";
import { type EndpointSpec, isShortId, networkSpec, renamed } from "./network-spec.ts";

/** What becomes of a container's surroundings in the copy. What is not given stays as it was. */
export interface SpecMapping {
  /** The image to create from: a reference, a digest or an id. */
  image: string;
  /** What stands in place of a bind mount, of a named volume, or of whatever else has a source; null leaves the mount out. */
  mount?: (mount: MountOrigin) => MountOrigin | null;
  /** The network in place of one it was on; null leaves that out. `bridge`, `host` and `none` are asked for as well. */
  network?: (name: string) => string | null;
  /** The container in place of one whose namespace, volumes or link it uses, named by name or id; null leaves that out. */
  container?: (nameOrId: string) => string | null;
  /** Mounts besides its own. */
  moreMounts?: readonly MountWish[];
  /** Names besides its own, on its first network if that is one that a person made. */
  moreAliases?: readonly string[];
  /** Values in place of those of `Config` and `HostConfig`. */
  config?: Readonly<Record<string, unknown>>;
  host?: Readonly<Record<string, unknown>>;
}

/** How to make a container. */
export interface ContainerSpec {
  /** The body of `POST /containers/create`. */
  body: Record<string, unknown>;
  /** Networks to connect it to before it starts: an older engine takes one network at creation, which is in the body. */
  connect: EndpointSpec[];
}

/**
 * How to make the container that the engine's document describes once more: all that it was created with, and nothing that
 * the engine added by itself (its id as host name and alias, assigned addresses, names of anonymous volumes). Pure.
 */
export function containerSpec(document: ContainerInspect, mapping: SpecMapping): ContainerSpec {
  const { Config, HostConfig } = document;
  const other = mapping.container ?? same;
  const networks = networkSpec(document, mapping.network ?? same, other);
  const { binds, mounts, anonymous } = mountSpec(document, mapping.mount ?? same);
  const [first, ...rest] = networks.endpoints;
  if (first !== undefined && mapping.moreAliases !== undefined)
    first.settings.Aliases = [...new Set([...(first.settings.Aliases ?? []), ...mapping.moreAliases])];
  const joins = networks.mode.startsWith("container:");
  const ownVolumes = Object.keys(Config.Volumes ?? {});
  return {
    body: {
      ...Config,
      Hostname: joins || HostConfig.UTSMode === "host" ? undefined : hostname(document),
      Domainname: joins ? undefined : Config["Domainname"],
      ExposedPorts: joins ? undefined : Config["ExposedPorts"],
      Volumes: Object.fromEntries([...ownVolumes, ...anonymous].map((path) => [path, {}])),
      OnBuild: undefined,
      ...mapping.config,
      Image: mapping.image,
      HostConfig: {
        ...HostConfig,
        NetworkMode: networks.mode,
        PortBindings: joins ? {} : HostConfig.PortBindings,
        Links: networks.links,
        IpcMode: namespace(HostConfig.IpcMode, other),
        PidMode: namespace(HostConfig.PidMode, other),
        VolumesFrom: HostConfig.VolumesFrom?.flatMap((from) => renamed(from, other)),
        Binds: binds,
        Mounts: [...mounts, ...(mapping.moreMounts ?? [])],
        ...mapping.host,
      },
      NetworkingConfig: {
        EndpointsConfig: first === undefined ? {} : { [first.network]: first.settings },
      },
    },
    connect: rest,
  };
}

function same<T>(one: T): T {
  return one;
}

/** The name that a person gave; the engine's own is the beginning of the id. */
function hostname({ Id, Config }: ContainerInspect): string | undefined {
  const name = Config.Hostname ?? "";
  return name === "" || isShortId(name, Id) ? undefined : name;
}

function namespace(mode: string | null | undefined, other: (one: string) => string | null): string | undefined {
  const owner = /^container:(.+)$/u.exec(mode ?? "")?.[1];
  if (owner === undefined) return mode ?? undefined;
  const mapped = other(owner);
  return mapped === null ? undefined : `container:${mapped}`;
}
