import { networkInterfaces } from "node:os";
import { formatPairingLine } from "../../contract/link.ts";
import { openCertificate } from "./open-certificate.ts";
import { Pairings } from "./pairings.ts";

export interface PairOrder {
  /** The agent's state folder. */
  state: string;
  /** Where the sidecar reaches the agent. */
  address: { host: string; port: number };
  /** The machine that the sidecar runs in; null where it runs in none of the agent's. */
  machine: string | null;
  /** Other machines that it may see and start jobs for. */
  also?: readonly string[];
  now: Date;
}

/**
 * Pairs the sidecar of a machine and gives the line that it needs, as `DAVIT_AGENT`. What it holds is shown this once. A sidecar that
 * was paired for that machine before is shut out.
 */
export async function pairSidecar({ state, address, ...wish }: PairOrder): Promise<string> {
  const { fingerprint } = await openCertificate(state);
  const token = await new Pairings(state).pair(wish);
  return formatPairingLine({ ...address, fingerprint, token });
}

/** Ends the pairing of a machine's sidecar; false where there was none. */
export async function revokeSidecar(state: string, machine: string | null): Promise<boolean> {
  return new Pairings(state).revoke(machine);
}

/**
 * The addresses under which a machine may reach an agent that listens on `host`: that one, or, where it listens on all, those of the
 * bridges (libvirt's first) and then the others.
 */
export function addressesOf(host: string, interfaces = networkInterfaces()): string[] {
  if (host !== "0.0.0.0" && host !== "::") return [host];
  const rank = (name: string): number => (name.startsWith("virbr") ? 0 : name.startsWith("br") ? 1 : 2);
  return Object.entries(interfaces)
    .toSorted(([one], [other]) => rank(one) - rank(other))
    .flatMap(([, found]) => found ?? [])
    .filter((one) => !one.internal && one.family === "IPv4")
    .map((one) => one.address);
}
