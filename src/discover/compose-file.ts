import { stringify } from "yaml";
import type { Module } from "../contract/module.ts";
import type { ContainerInspect, Mount } from "../docker/container-inspect.ts";
import { containerName, findDependencies } from "./find-dependencies.ts";

type Networks = NonNullable<NonNullable<ContainerInspect["NetworkSettings"]>["Networks"]>;

const builtInNetworks = new Set(["bridge", "host", "none", "default"]);

/**
 * The module written back as a compose file that starts the same containers, each image by its digest. Networks and volumes
 * keep their names. What the engine added by itself (compose's own labels) is left out.
 */
export function composeFile(
  documents: readonly ContainerInspect[],
  module: Pick<Module, "name" | "containers">,
): string {
  const services = documents.map((one) => [serviceName(one), service(one, documents, module)] as const);
  const networks = documents.flatMap((one) => Object.keys(ownNetworks(one)));
  const volumes = documents.flatMap((one) => (one.Mounts ?? []).flatMap((mount) => namedVolume(mount) ?? []));
  const file = pruned({
    name: module.name.toLowerCase().replace(/[^a-z0-9_-]/gu, "-"),
    services: Object.fromEntries(services),
    networks: named(networks),
    volumes: named(volumes),
  });
  return `# Written by Davit from what the engine said of the containers of ${module.name}.\n${stringify(file, { lineWidth: 0 })}`;
}

function service(
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
    hostname: document.Id.startsWith(Config.Hostname ?? "") ? undefined : Config.Hostname,
    user: Config.User,
    entrypoint: escaped(Config.Entrypoint),
    command: escaped(Config.Cmd),
    working_dir: Config.WorkingDir,
    environment: escaped(Config.Env),
    labels: labelsOf(document),
    restart: policy?.Name && policy.Name !== "no" ? `${policy.Name}${retries}` : undefined,
    depends_on: serviceNames(findDependencies(document, all), all),
    ...network(document, all),
    ports: ports(document),
    volumes: (document.Mounts ?? []).flatMap((mount) => volume(mount) ?? []),
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
    mem_limit: HostConfig.Memory || undefined,
    stop_grace_period: seconds(Config.StopTimeout),
    healthcheck: healthcheck(document),
  };
}

function serviceName(document: ContainerInspect): string {
  return document.Config.Labels?.["com.docker.compose.service"] ?? containerName(document);
}

function serviceNames(containers: readonly string[], all: readonly ContainerInspect[]): string[] {
  return all.filter((one) => containers.includes(containerName(one))).map(serviceName);
}

function network(document: ContainerInspect, all: readonly ContainerInspect[]): Record<string, unknown> {
  const mode = document.HostConfig.NetworkMode ?? "default";
  const other = /^container:(.+)$/u.exec(mode)?.[1];
  if (other !== undefined) {
    const owner = all.find((one) => one.Id === other || containerName(one) === other);
    return { network_mode: owner === undefined ? mode : `service:${serviceName(owner)}` };
  }
  if (mode === "host" || mode === "none") return { network_mode: mode };
  const own = Object.entries(ownNetworks(document));
  if (own.length === 0) return { network_mode: "bridge" };
  return { networks: Object.fromEntries(own.map(([name, { Aliases }]) => [name, aliases(Aliases, document)])) };
}

function aliases(
  given: readonly string[] | null | undefined,
  document: ContainerInspect,
): { aliases: string[] } | null {
  const own = (given ?? []).filter((one) => !document.Id.startsWith(one) && one !== serviceName(document));
  return own.length === 0 ? null : { aliases: own };
}

function ownNetworks(document: ContainerInspect): Networks {
  const all = Object.entries(document.NetworkSettings?.Networks ?? {});
  return Object.fromEntries(all.filter(([name]) => !builtInNetworks.has(name)));
}

function ports(document: ContainerInspect): string[] {
  return Object.entries(document.HostConfig.PortBindings ?? {}).flatMap(([port, bindings]) =>
    (bindings ?? []).map(({ HostIp, HostPort }) => {
      const ip = HostIp?.includes(":") ? `[${HostIp}]` : HostIp;
      return `${ip ? `${ip}:` : ""}${HostPort ?? ""}:${port}`.replace(/^:/u, "");
    }),
  );
}

function volume(mount: Mount): Record<string, unknown> | null {
  if (mount.Type !== "bind" && mount.Type !== "volume") return null;
  const source = mount.Type === "volume" ? namedVolume(mount) : mount.Source;
  const readOnly = mount.RW === false ? { read_only: true } : {};
  return { type: mount.Type, ...(source ? { source } : {}), target: mount.Destination, ...readOnly };
}

/** A volume that nobody named gets a new one. */
function namedVolume(mount: Mount): string | null {
  return mount.Type === "volume" && mount.Name && !/^[0-9a-f]{64}$/u.test(mount.Name) ? mount.Name : null;
}

function named(names: readonly string[]): Record<string, { name: string }> {
  return Object.fromEntries([...new Set(names)].map((name) => [name, { name }]));
}

function labelsOf(document: ContainerInspect): Record<string, string> {
  const all = Object.entries(document.Config.Labels ?? {});
  return Object.fromEntries(
    all.filter(([key]) => !key.startsWith("com.docker.compose.")).map(([key, value]) => [key, escapeDollars(value)]),
  );
}

function healthcheck(document: ContainerInspect): Record<string, unknown> | undefined {
  const check = document.Config.Healthcheck;
  if (!check?.Test?.length) return undefined;
  return {
    test: escaped(check.Test),
    interval: nanoseconds(check.Interval),
    timeout: nanoseconds(check.Timeout),
    retries: check.Retries || undefined,
  };
}

function nanoseconds(given: number | null | undefined): string | undefined {
  return given ? `${given / 1e6}ms` : undefined;
}

function seconds(given: number | null | undefined): string | undefined {
  return typeof given === "number" ? `${given}s` : undefined;
}

function escaped(texts: readonly string[] | null | undefined): string[] | undefined {
  return texts?.map(escapeDollars);
}

/** Compose puts variables in place of `$NAME`. */
function escapeDollars(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** Without what is empty, at any depth but below `networks` and in lists, where an empty value means something. */
function pruned(value: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(value).flatMap(([key, one]) => {
    if (one === undefined || one === null || one === "") return [];
    if (Array.isArray(one)) return one.length === 0 ? [] : [[key, one] as const];
    if (typeof one !== "object") return [[key, one] as const];
    const entries = Object.entries(one);
    if (entries.length === 0) return [];
    return [
      [
        key,
        key === "services" ? Object.fromEntries(entries.map(([name, inner]) => [name, pruned({ ...inner })])) : one,
      ] as const,
    ];
  });
  return Object.fromEntries(kept);
}
