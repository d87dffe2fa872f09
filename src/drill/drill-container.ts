import type { Finding } from "../contract/manifest.ts";
import type { ContainerInspect, MountWish } from "../docker/container-inspect.ts";
import { type ContainerSpec, containerSpec } from "../docker/container-spec.ts";
import { drillLabels } from "./drill-labels.ts";
import { type DrillOrder, nameOf } from "./drill-order.ts";
import { isolate } from "./isolate.ts";
import { hostsTime, restoredMount } from "./restored-mounts.ts";

export interface DrillContainer {
  /** As the module calls it, and as it is called in the drill. */
  name: string;
  drillName: string;
  spec: ContainerSpec;
  findings: Finding[];
}

type Surroundings = Pick<DrillOrder, "run" | "module" | "waves" | "images" | "sources" | "data" | "hostData"> & {
  network: string;
  /** Whether it gets the host's files of the time zone, which not every host has. */
  withTime: boolean;
};

/**
 * How to make a module's container for a drill: as it was, but with the restored data, on the drill's network, kept apart from
 * the host. Looks at what was restored; changes nothing.
 */
export function drillContainer(document: ContainerInspect, order: Surroundings): DrillContainer {
  const name = nameOf(document);
  const image = order.images.get(document.Id);
  const findings: Finding[] = [];
  const { host, findings: kept } = isolate(document);
  const environment = drillEnvironment(document, image?.environment ?? []);
  const lacksOther = (other: string): void =>
    void findings.push({
      message: `${name} uses the container ${other}, which is none of the module's`,
      hint: "a real recovery of this module alone would lack it as well: give both the same davit.module",
    });
  const spec = containerSpec(document, {
    image: image?.id ?? document.Image,
    mount: (mount) => {
      const restored = restoredMount(name, mount, order);
      if (restored.finding !== undefined) findings.push(restored.finding);
      return restored.mount;
    },
    network: (one) => (one === "none" ? one : order.network),
    container: (nameOrId) => {
      const other = order.waves.flat().find((one) => one.Id === nameOrId || nameOf(one) === nameOrId);
      if (other === undefined) lacksOther(nameOrId);
      return other === undefined ? null : drillNameOf(order.run, other);
    },
    moreMounts: order.withTime ? timeMounts(document) : [],
    moreAliases: [name],
    config: { Labels: drillLabels(order.run, order.module), MacAddress: undefined, Env: environment.values },
    host,
  });
  findings.push(...kept, ...environment.findings, ...addressFindings(document), ...volumeFindings(document));
  return { name, drillName: drillNameOf(order.run, document), spec, findings };
}

function drillNameOf(run: string, document: ContainerInspect): string {
  return `davit-${run}-${nameOf(document)}`;
}

function timeMounts({ Mounts }: ContainerInspect): MountWish[] {
  return (Mounts ?? [])
    .filter((one) => one.Type === "bind" && hostsTime.includes(one.Source ?? ""))
    .map(({ Source, Destination }) => ({ Type: "bind", Source, Target: Destination, ReadOnly: true }));
}

/** A name without a value is one whose value was not kept; passed on like that it would take the image's own away. */
function drillEnvironment(
  document: ContainerInspect,
  ofImage: readonly string[],
): { values: string[]; findings: Finding[] } {
  const all = document.Config.Env ?? [];
  const values = all.filter((one) => one.includes("="));
  const fromImage = new Set(ofImage.map((one) => one.split("=")[0]));
  const lost = all.filter((one) => !one.includes("=") && !fromImage.has(one));
  if (lost.length === 0) return { values, findings: [] };
  return {
    values,
    findings: [
      {
        message: `${nameOf(document)}: the backup has no values for its environment variables ${lost.join(", ")}`,
        hint: "DAVIT_KEEP_ENV=false leaves them out; a real recovery would lack them as well: keep them elsewhere",
      },
    ],
  };
}

function addressFindings(document: ContainerInspect): Finding[] {
  const fixed = Object.values(document.NetworkSettings?.Networks ?? {}).flatMap((one) => {
    const address = one.IPAMConfig?.["IPv4Address"];
    return typeof address === "string" && address !== "" ? [address] : [];
  });
  return fixed.map((address) => ({
    message: `${nameOf(document)} has not its address ${address} in a drill`,
    hint: "others of the module find it by its name alone; a real recovery would give it the address",
  }));
}

function volumeFindings(document: ContainerInspect): Finding[] {
  return (document.Mounts ?? [])
    .filter((one) => one.Type === "volume" && /^[0-9a-f]{64}$/u.test(one.Name ?? ""))
    .map((one) => ({
      message: `${nameOf(document)}: the volume at ${one.Destination} has no name and is empty`,
      hint: "a real recovery would lack its content as well: give the volume a name",
    }));
}
