import { z } from "zod";
import type { Docker } from "../docker/connect-docker.ts";
import type { ContainerInspect } from "../docker/container-inspect.ts";
import { networkIfThere } from "../docker/network-if-there.ts";
import type { NetworkInspect } from "../docker/networks.ts";
import type { PlannedNetwork, RecreatePlan } from "./recreate-plan.ts";

const builtIn = new Set(["bridge", "host", "none", "default"]);
const ipam = z.looseObject({ Config: z.array(z.looseObject({ Subnet: z.string().optional() })).nullish() }).nullish();

/** The networks that containers were on. One of that name that is there already serves where it is like the old one. */
export async function planNetworks(
  docker: Docker,
  containers: readonly ContainerInspect[],
  recorded: readonly NetworkInspect[] | null,
  { inTheWay, warnings }: Pick<RecreatePlan, "inTheWay" | "warnings">,
): Promise<PlannedNetwork[]> {
  const names = containers.flatMap((one) => Object.keys(one.NetworkSettings?.Networks ?? {}));
  const networks: PlannedNetwork[] = [];
  for (const name of [...new Set(names)].filter((one) => !builtIn.has(one)).toSorted()) {
    const like = recorded?.find((one) => one.Name === name) ?? null;
    const there = await networkIfThere(docker, name);
    if (there !== null && like !== null && !isAlike(there, like))
      inTheWay.push(`the network ${name}, which differs from the one in the backup`);
    if (there === null && like === null)
      warnings.push({
        message: `the backup does not say how the network ${name} was made; it is made with the engine's defaults`,
        hint: "fixed addresses and labels are lost; make it yourself first where they matter",
      });
    const hasFixedAddress = containers.some((one) => isFixed(one, name));
    networks.push({ name, like, isThere: there !== null, hasFixedAddress });
  }
  return networks;
}

function isFixed(container: ContainerInspect, network: string): boolean {
  const given = container.NetworkSettings?.Networks?.[network]?.IPAMConfig;
  return Object.values(given ?? {}).some((one) => typeof one === "string" && one !== "");
}

function isAlike(one: NetworkInspect, other: NetworkInspect): boolean {
  const subnets = (network: NetworkInspect): string =>
    (ipam.parse(network["IPAM"])?.Config ?? [])
      .map((config) => config.Subnet ?? "")
      .toSorted((a, b) => a.localeCompare(b))
      .join();
  return (
    one.Driver === other.Driver &&
    (one.Internal ?? false) === (other.Internal ?? false) &&
    subnets(one) === subnets(other)
  );
}
