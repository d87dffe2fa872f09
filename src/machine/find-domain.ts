import { domainState } from "./domain-state.ts";
import { parseDomain } from "./parse-domain.ts";
import { type Libvirt, runVirsh } from "./run-virsh.ts";
import { isActive } from "./shut-down.ts";

/** A domain, as far as its files are concerned. */
export interface FoundDomain {
  uuid: string;
  /** Of its next start. */
  xml: string;
  /** Whether QEMU has its disks open. */
  active: boolean;
  /** Whether its memory was saved to a file, with which it goes on at its next start. */
  asleep: boolean;
}

/** The domain of that name or UUID; null where libvirt has none. Its disks' files need not be there. */
export async function findDomain(libvirt: Libvirt, name: string): Promise<FoundDomain | null> {
  const now = await domainState(libvirt, name);
  if (now === null) return null;
  const xml = await runVirsh(libvirt, ["dumpxml", "--inactive", "--security-info", `--domain=${name}`]);
  const { uuid } = parseDomain(xml);
  const about = await runVirsh(libvirt, ["dominfo", uuid]);
  return { uuid, xml, active: isActive(now.state), asleep: /^Managed save:\s+yes$/mu.test(about) };
}
