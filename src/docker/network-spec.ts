import type { ContainerInspect, Endpoint } from "./container-inspect.ts";

const builtIn = new Set(["bridge", "host", "none"]);

/** A network, and how a container is on it. */
export interface EndpointSpec {
  network: string;
  settings: { Aliases?: string[]; [setting: string]: unknown };
}

export interface NetworkSpec {
  /** `HostConfig.NetworkMode`. */
  mode: string;
  /** The first one is that of the mode, if it is a network that a person made. */
  endpoints: EndpointSpec[];
  /** Links of the kind that only the default bridge has. */
  links: string[];
}

type Rename = (name: string) => string | null;

/** How a container is on networks, those and other containers put in place of the ones that it was made with. */
export function networkSpec(document: ContainerInspect, network: Rename, other: Rename): NetworkSpec {
  const { NetworkMode, Links } = document.HostConfig;
  const owner = /^container:(.+)$/u.exec(NetworkMode ?? "")?.[1];
  if (owner !== undefined) {
    const mapped = other(owner);
    return { mode: mapped === null ? "none" : `container:${mapped}`, endpoints: [], links: [] };
  }
  const all = Object.entries(document.NetworkSettings?.Networks ?? {});
  const asked = NetworkMode === "default" || !NetworkMode ? "bridge" : NetworkMode;
  // A network may be asked for by its id; one that it was taken off later is none of its networks.
  const isFirst = ([name, { NetworkID }]: [string, Endpoint]): boolean => name === asked || NetworkID === asked;
  const sorted: [string, Endpoint][] = [...all.filter(isFirst), ...all.filter((one) => !isFirst(one))];
  const links = (Links ?? []).flatMap((link) => renamed(legacyLink(link), other));
  const endpoints = new Map<string, Endpoint>();
  for (const [name, found] of sorted.length === 0 ? [[asked, {}] as [string, Endpoint]] : sorted) {
    const target = network(name);
    if (target === null) continue;
    const before = endpoints.get(target);
    // Addresses belong to the network that they were given out on.
    const own = target === name ? found : { Aliases: found.Aliases, Links: found.Links };
    const Aliases = [...(before?.Aliases ?? []), ...(own.Aliases ?? [])];
    endpoints.set(target, { ...own, ...before, Aliases, Links: [...(before?.Links ?? []), ...(own.Links ?? [])] });
  }
  const [mode = "none"] = endpoints.keys();
  const named = [...endpoints].filter(([name]) => !builtIn.has(name));
  return {
    mode,
    endpoints: named.map(([name, one], at) => ({
      network: name,
      settings: endpointSettings(one, document, at === 0 && name === mode ? links : [], other),
    })),
    links: builtIn.has(mode) ? links : [],
  };
}

/** `/db:/app/alias` as the engine tells it, as `db:alias`, which is how it is asked for. */
function legacyLink(link: string): string {
  const [name = "", alias = ""] = link.split(":");
  return `${name.replace(/^\//u, "")}:${alias.split("/").at(-1) ?? ""}`;
}

function endpointSettings(
  { Aliases, Links, IPAMConfig, DriverOpts }: Endpoint,
  { Id }: ContainerInspect,
  links: readonly string[],
  other: Rename,
): EndpointSpec["settings"] {
  const aliases = [...new Set(Aliases ?? [])].filter((one) => !isShortId(one, Id));
  return {
    Aliases: aliases,
    Links: [...links, ...(Links ?? []).flatMap((link) => renamed(link, other))],
    IPAMConfig: IPAMConfig ?? undefined,
    DriverOpts: DriverOpts ?? undefined,
  };
}

/** `name:rest` with the other name; empty where there is none. */
export function renamed(text: string, other: Rename): string[] {
  const [name = "", ...rest] = text.split(":");
  const mapped = other(name.replace(/^\//u, ""));
  return mapped === null ? [] : [[mapped, ...rest].join(":")];
}

/** Whether a name is one that the engine made of the container's id. */
export function isShortId(name: string, id: string): boolean {
  return name.length >= 12 && id.startsWith(name);
}
