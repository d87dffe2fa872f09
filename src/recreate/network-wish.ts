import type { Networks } from "../docker/networks.ts";
import type { PlannedNetwork } from "./recreate-plan.ts";

type NetworkWish = Parameters<Networks["createNetwork"]>[0];

/** What a network was made with, and would be again; the engine's defaults where that is not known. */
const fields = ["Driver", "Attachable", "EnableIPv4", "EnableIPv6", "Ingress", "ConfigOnly", "ConfigFrom", "Options"];

/** How to make a network as it was; without its addresses where `withAddresses` is false. */
export function networkWish({ name, like }: PlannedNetwork, withAddresses = true): NetworkWish {
  if (like === null) return { name };
  const more = Object.fromEntries(fields.flatMap((field) => (field in like ? [[field, like[field]]] : [])));
  const ipam = like["IPAM"];
  return {
    name,
    internal: like.Internal ?? false,
    labels: like.Labels ?? {},
    more: { ...more, ...(withAddresses && ipam !== undefined && { IPAM: ipam }) },
  };
}
