import { z } from "zod";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { isShortId } from "../docker/network-spec.ts";
import type { NetworkInspect } from "../docker/networks.ts";
import type { VolumeInspect } from "../docker/volumes.ts";

const pairs = z.record(z.string(), z.string()).nullish().catch(null);

const networkFields = z.object({
  Attachable: z.boolean().nullish().catch(null),
  EnableIPv6: z.boolean().nullish().catch(null),
  Options: pairs,
  IPAM: z
    .object({
      Driver: z.string().nullish(),
      Options: pairs,
      Config: z
        .array(
          z.object({
            Subnet: z.string().optional(),
            IPRange: z.string().optional(),
            Gateway: z.string().optional(),
            AuxiliaryAddresses: pairs,
          }),
        )
        .nullish(),
    })
    .nullish()
    .catch(null),
});

/** A network for the `networks` of a compose file, as it was; one that another project made is looked for, not made. */
export function composeNetwork(name: string, found: NetworkInspect | undefined, project: string | undefined): object {
  if (found === undefined) return { name };
  const owner = found.Labels?.["com.docker.compose.project"];
  if (owner !== undefined && owner !== project) return { name, external: true };
  const { Attachable, EnableIPv6, Options, IPAM } = networkFields.parse(found);
  const config = (IPAM?.Config ?? []).map((one) => ({
    subnet: one.Subnet,
    ip_range: one.IPRange || undefined,
    gateway: one.Gateway || undefined,
    aux_addresses: filled(one.AuxiliaryAddresses),
  }));
  const driver = IPAM?.Driver && IPAM.Driver !== "default" ? { driver: IPAM.Driver } : {};
  return {
    name,
    driver: found.Driver,
    driver_opts: filled(Options),
    internal: found.Internal || undefined,
    attachable: Attachable || undefined,
    enable_ipv6: EnableIPv6 || undefined,
    ipam: config.length > 0 || driver.driver ? { ...driver, config, options: filled(IPAM?.Options) } : undefined,
    labels: ownLabels(found.Labels),
  };
}

/** A volume for the `volumes` of a compose file, as it was. */
export function composeVolume(name: string, found: VolumeInspect | undefined): object {
  if (found === undefined) return { name };
  return {
    name,
    driver: found.Driver === "local" ? undefined : found.Driver,
    driver_opts: filled(found.Options),
    labels: ownLabels(found.Labels),
  };
}

/** How a container is on a network, for a compose service: with its names and fixed addresses. Null where all is as usual. */
export function composeEndpoint(document: ContainerInspect, name: string, service: string): object | null {
  const networks = document.NetworkSettings?.Networks ?? {};
  const { Aliases, IPAMConfig } = networks[name] ?? {};
  const aliases = (Aliases ?? []).filter((one) => !isShortId(one, document.Id) && one !== service);
  const address = z.object({ IPv4Address: z.string().optional(), IPv6Address: z.string().optional() });
  const fixed = address.safeParse(IPAMConfig ?? {}).data ?? {};
  // Compose puts a container on the one of the highest priority first, and on the others afterwards.
  const isFirst = document.HostConfig.NetworkMode === name && Object.keys(networks).length > 1;
  const endpoint = {
    ...(aliases.length > 0 && { aliases }),
    ...(fixed.IPv4Address && { ipv4_address: fixed.IPv4Address }),
    ...(fixed.IPv6Address && { ipv6_address: fixed.IPv6Address }),
    ...(isFirst && { priority: 1000 }),
  };
  return Object.keys(endpoint).length === 0 ? null : endpoint;
}

/** Without those that compose gives itself. */
export function ownLabels(
  labels: Readonly<Record<string, string>> | null | undefined,
): Record<string, string> | undefined {
  const own = Object.entries(labels ?? {}).filter(([key]) => !key.startsWith("com.docker.compose."));
  return own.length === 0 ? undefined : Object.fromEntries(own.map(([key, value]) => [key, escapeDollars(value)]));
}

/** Compose puts variables in place of `$NAME`. */
export function escapeDollars(text: string): string {
  return text.replaceAll("$", "$$$$");
}

function filled(given: Readonly<Record<string, string>> | null | undefined): Record<string, string> | undefined {
  return given && Object.keys(given).length > 0 ? given : undefined;
}
