import type { Warning } from "../contract/module.ts";
import { Failure } from "../failure/failure.ts";
import { domainState, type DomainState } from "./domain-state.ts";
import { type DomainElement, parseDomain } from "./parse-domain.ts";
import { type DomainDisk, readDisks } from "./read-disks.ts";
import { type Libvirt, runVirsh } from "./run-virsh.ts";

/** A domain as libvirt knows it now. */
export interface Domain {
  name: string;
  uuid: string;
  /** What runs, where it runs; else what is to run. */
  element: DomainElement;
  now: DomainState;
  /** Whether QEMU has its disks open: libvirt's word for it is active. */
  active: boolean;
  /** Whether libvirt keeps it while it is off. Only such a domain can have checkpoints. */
  persistent: boolean;
  /** Whether the guest agent answers. */
  agent: boolean;
  disks: readonly DomainDisk[];
  /** The XML of its next start, secrets included, for a restore. */
  xml: string;
  warnings: readonly Warning[];
}

/**
 * Asks libvirt for a domain by its name. Throws `missing` where there is none, `unreachable` where libvirt does not answer.
 */
export async function readDomain(libvirt: Libvirt, name: string): Promise<Domain> {
  const word = `--domain=${name}`;
  const element = parseDomain(await runVirsh(libvirt, ["dumpxml", word]));
  // virsh takes a number for an id, and a UUID for that, before it looks for a name.
  if (element.name !== name)
    throw new Failure("missing", `libvirt has no machine called ${name}`, {
      hint: `\`virsh -c ${libvirt.uri} list --all --name\` shows those there are`,
    });
  const { uuid } = element;
  const about = await runVirsh(libvirt, ["dominfo", uuid]);
  const now = await domainState(libvirt, uuid);
  if (now === null) throw new Failure("missing", `libvirt has no machine called ${name} any more`);
  const active = now.state !== "shut off" && now.state !== "crashed";
  const persistent = /^Persistent:\s+yes$/mu.test(about);
  const inactive = persistent ? ["--inactive"] : [];
  const { disks, warnings } = await readDisks(libvirt, element);
  return {
    name,
    uuid,
    element,
    now,
    active,
    persistent,
    agent: element.devices.channel.some(
      ({ target }) => target?.["@name"] === agentChannel && target["@state"] === "connected",
    ),
    disks,
    xml: `${(await runVirsh(libvirt, ["dumpxml", ...inactive, "--security-info", uuid])).trim()}\n`,
    warnings: /^Managed save:\s+yes$/mu.test(about) && !active ? [...warnings, managedSave] : warnings,
  };
}

const agentChannel = "org.qemu.guest_agent.0";

const managedSave: Warning = {
  severity: "warning",
  message: "it is asleep (managed save): its memory is not backed up, so the disks are as after a power cut",
  hint: "start it before its backup, or shut it down instead of saving it",
};
