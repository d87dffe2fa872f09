import { chainOf } from "../../machine/chain-of.ts";
import type { PlacedPoint } from "../../machine/verify-chain.ts";
import type { Host } from "./host.ts";

/** A point with those that it builds on, the oldest first, each with its folder; also of a chain that is broken. */
export async function placeChain({ vault }: Pick<Host, "vault">, id: string): Promise<PlacedPoint[]> {
  const [machine] = id.split("/");
  return chainOf(id, await vault.list(machine)).map((point) => ({ point, folder: vault.folder(point.id) }));
}
