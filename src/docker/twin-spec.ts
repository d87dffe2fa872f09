import type { ContainerInspect } from "./container-inspect.ts";
import type { ContainerSpec } from "./container-spec.ts";

/** The label of a twin, which names its module. */
export const twinLabel = "davit.twin";

export interface TwinWish {
  module: string;
  /** An image of Davit. */
  image: string;
  /** The verb and its words. */
  command: readonly string[];
  /** Variables besides those of Davit's own container, `NAME=value`. */
  environment: readonly string[];
  /** Host paths that it sees besides those of Davit's own container. */
  paths: readonly string[];
  writable: boolean;
  /** Whether a path that does not exist is made; else it is a failure. */
  makes: boolean;
}

/** With the default of the engine it may be one whose output can't be read back. */
const readableLog = { Type: "json-file", Config: {} };

/**
 * How to make a container that does a verb as Davit's own container would, with the same mounts, networks, user, permissions and
 * limits, and sees some more of the host. Pure.
 */
export function twinSpec(own: ContainerInspect, wish: TwinWish): ContainerSpec {
  const { Config, HostConfig } = own;
  const mode = HostConfig.NetworkMode ?? "default";
  const joins = mode.startsWith("container:");
  const first = mode === "default" ? "bridge" : mode;
  const isAlone = joins || mode === "host" || mode === "none";
  const others = isAlone ? [] : Object.keys(own.NetworkSettings?.Networks ?? {}).filter((name) => name !== first);
  return {
    body: {
      Image: wish.image,
      Cmd: wish.command,
      Env: [...(Config.Env ?? []), ...wish.environment],
      User: Config.User ?? "",
      WorkingDir: Config.WorkingDir ?? "",
      // A manifest names the host by it.
      Hostname: joins || HostConfig.UTSMode === "host" ? undefined : Config.Hostname,
      Labels: { [twinLabel]: wish.module, "davit.enable": "false" },
      Healthcheck: { Test: ["NONE"] },
      HostConfig: {
        ...HostConfig,
        VolumesFrom: [own.Id],
        Binds: wish.makes ? wish.paths.map((path) => `${path}:${path}${wish.writable ? "" : ":ro"}`) : [],
        Mounts: [
          ...(HostConfig.Mounts ?? []).filter((mount) => mount.Type === "tmpfs"),
          // A bind of this form fails where the path does not exist, and makes no folder.
          ...(wish.makes
            ? []
            : wish.paths.map((path) => ({ Type: "bind", Source: path, Target: path, ReadOnly: !wish.writable }))),
        ],
        PortBindings: {},
        PublishAllPorts: false,
        Links: [],
        RestartPolicy: { Name: "no" },
        AutoRemove: false,
        LogConfig: readableLog,
        ContainerIDFile: "",
      },
    },
    connect: others.map((network) => ({ network, settings: {} })),
  };
}
