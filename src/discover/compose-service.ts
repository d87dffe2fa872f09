import type { Module } from "../contract/module.ts";
import type { ContainerInspect, Mount } from "../docker/container-inspect.ts";
import { isShortId } from "../docker/network-spec.ts";
import { composeLimits } from "./compose-limits.ts";
import { composeEndpoint, escapeDollars, ownLabels } from "./compose-networks.ts";
import { containerName, findDependencies } from "./find-dependencies.ts";
import { networkNames, volumeNames } from "./module-documents.ts";

/** A container as a compose service that starts the same container. `all` are those of its module. */
export function composeService(
  document: ContainerInspect,
  all: readonly ContainerInspect[],
  module: Pick<Module, "containers">,
): Record<string, unknown> {
  const { Config, HostConfig } = document;
  const known = module.containers.find((one) => one.id === document.Id);
  const policy = HostConfig.RestartPolicy;
  const retries = policy?.MaximumRetryCount ? `:${policy.MaximumRetryCount}` : "";
  return {
    image: known?.imageDigest ?? document.Image,
    container_name: containerName(document),
    hostname: hostname(document),
    user: Config.User,
    entrypoint: escaped(Config.Entrypoint),
    command: escaped(Config.Cmd),
    working_dir: Config.WorkingDir,
    environment: escaped(Config.Env),
    labels: ownLabels(Config.Labels),
    restart: policy?.Name && policy.Name !== "no" ? `${policy.Name}${retries}` : undefined,
    depends_on: dependencies(document, all),
    ...network(document, all),
    ports: ports(document),
    volumes: volumes(document),
    tmpfs: Object.entries(HostConfig.Tmpfs ?? {}).map(([path, options]) => (options ? `${path}:${options}` : path)),
    devices: (HostConfig.Devices ?? []).map(
      (one) => `${one.PathOnHost}:${one.PathInContainer}:${one.CgroupPermissions}`,
    ),
    extra_hosts: HostConfig.ExtraHosts,
    cap_add: HostConfig.CapAdd,
    cap_drop: HostConfig.CapDrop,
    security_opt: HostConfig.SecurityOpt,
    privileged: HostConfig.Privileged || undefined,
    read_only: HostConfig.ReadonlyRootfs || undefined,
    stop_grace_period: seconds(Config.StopTimeout),
    healthcheck: healthcheck(document),
    ipc: namespace(HostConfig.IpcMode, all) ?? usual(HostConfig.IpcMode, "private"),
    pid: namespace(HostConfig.PidMode, all) ?? HostConfig.PidMode,
    mac_address: Config.MacAddress,
    ...composeLimits(document),
  };
}

const usualCondition = "service_started";

/** The name that a person gave; the engine's own is the beginning of the id, and a borrowed network has its owner's. */
function hostname({ Id, Config, HostConfig }: ContainerInspect): string | undefined {
  const { NetworkMode: mode, UTSMode } = HostConfig;
  if (mode === "host" || mode?.startsWith("container:") === true || UTSMode === "host") return undefined;
  const name = Config.Hostname ?? "";
  return name === "" || isShortId(name, Id) ? undefined : name;
}

function usual(value: string | null | undefined, usually: string): string | undefined {
  return value === usually ? undefined : (value ?? undefined);
}

/** A container's key among the services of its module. */
export function serviceName(document: ContainerInspect, all: readonly ContainerInspect[]): string {
  const service = labelledService(document);
  // Those of a service that was scaled are written as services of their own.
  if (service === undefined || all.filter((one) => labelledService(one) === service).length > 1)
    return containerName(document);
  return service;
}

function labelledService(document: ContainerInspect): string | undefined {
  return document.Config.Labels?.["com.docker.compose.service"];
}

/** The services that must run before, or, where compose was told so, must be healthy or have ended. */
function dependencies(document: ContainerInspect, all: readonly ContainerInspect[]): object {
  const names = findDependencies(document, all);
  const needed = all.filter((one) => names.includes(containerName(one)));
  const told = (document.Config.Labels?.["com.docker.compose.depends_on"] ?? "").split(",");
  const conditions = new Map(told.map((one) => [one.split(":")[0], one.split(":")[1]] as const));
  const conditionOf = (one: ContainerInspect): string => conditions.get(labelledService(one)) || usualCondition;
  if (needed.every((one) => conditionOf(one) === usualCondition)) return needed.map((one) => serviceName(one, all));
  return Object.fromEntries(needed.map((one) => [serviceName(one, all), { condition: conditionOf(one) }]));
}

function network(document: ContainerInspect, all: readonly ContainerInspect[]): Record<string, unknown> {
  const mode = document.HostConfig.NetworkMode ?? "default";
  const shared = namespace(mode, all);
  if (shared !== undefined || mode === "host" || mode === "none") return { network_mode: shared ?? mode };
  const names = networkNames([document]);
  if (names.length === 0) return { network_mode: "bridge" };
  const service = serviceName(document, all);
  return { networks: Object.fromEntries(names.map((name) => [name, composeEndpoint(document, name, service)])) };
}

/** `service:NAME` for the namespace of another container of the module, else as it is; nothing where it has its own. */
function namespace(mode: string | null | undefined, all: readonly ContainerInspect[]): string | undefined {
  const other = /^container:(.+)$/u.exec(mode ?? "")?.[1];
  if (other === undefined) return undefined;
  const owner = all.find((one) => one.Id === other || containerName(one) === other);
  return owner === undefined ? `container:${other}` : `service:${serviceName(owner, all)}`;
}

function ports(document: ContainerInspect): string[] {
  return Object.entries(document.HostConfig.PortBindings ?? {}).flatMap(([port, bindings]) =>
    (bindings ?? []).map(({ HostIp, HostPort }) => {
      const ip = HostIp?.includes(":") ? `[${HostIp}]` : HostIp;
      return `${ip ? `${ip}:` : ""}${HostPort ?? ""}:${port}`.replace(/^:/u, "");
    }),
  );
}

function volumes({ Mounts, HostConfig }: ContainerInspect): object[] {
  const inMemory = (HostConfig.Mounts ?? []).filter((wish) => wish.Type === "tmpfs");
  return [
    ...(Mounts ?? []).flatMap((mount) => volume(mount) ?? []),
    ...inMemory.map((wish) => ({ type: "tmpfs", target: wish.Target })),
  ];
}

function volume(mount: Mount): object | null {
  if (mount.Type !== "bind" && mount.Type !== "volume") return null;
  // A volume that nobody named gets a new one.
  const source = mount.Type === "volume" ? volumeNames([{ Mounts: [mount] }])[0] : mount.Source;
  const propagation = mount["Propagation"];
  const isUsual = mount.Type === "volume" || !propagation || propagation === "rprivate";
  return {
    type: mount.Type,
    ...(source ? { source } : {}),
    target: mount.Destination,
    ...(mount.RW === false ? { read_only: true } : {}),
    ...(isUsual ? {} : { bind: { propagation } }),
  };
}

function healthcheck(document: ContainerInspect): Record<string, unknown> | undefined {
  const check = document.Config.Healthcheck;
  if (!check?.Test?.length) return undefined;
  return {
    test: escaped(check.Test),
    interval: nanoseconds(check.Interval),
    timeout: nanoseconds(check.Timeout),
    retries: check.Retries || undefined,
    start_period: nanoseconds(check["StartPeriod"]),
  };
}

function nanoseconds(given: unknown): string | undefined {
  return typeof given === "number" && given > 0 ? `${given / 1e6}ms` : undefined;
}

function seconds(given: number | null | undefined): string | undefined {
  return typeof given === "number" ? `${given}s` : undefined;
}

function escaped(texts: readonly string[] | null | undefined): string[] | undefined {
  return texts?.map(escapeDollars);
}
