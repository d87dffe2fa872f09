import type { DoctorCheck } from "../contract/api.ts";
import type { Quiesce } from "../contract/machine.ts";
import type { Warning } from "../contract/module.ts";

export interface MachineToCheck {
  machine: string;
  domain: string;
  /** As libvirt says it. */
  state: string;
  quiesce: Quiesce;
  /** Whether the guest agent answers; whether there is a channel for one. */
  agent: boolean;
  channel: boolean;
  disks: readonly { target: string; format: string; allocatedBytes: number; untracked: string | null }[];
  /** What is not backed up, and what else there is to know. */
  warnings: readonly Warning[];
  /** Whether Davit itself left it paused or frozen. */
  left: boolean;
  /** Free bytes of the vault. */
  free: number;
}

/** What there is to know of a machine before its first backup: a check for itself, and one for each thing that is amiss. */
export function checkMachine(found: MachineToCheck): DoctorCheck[] {
  const { machine, domain, state, disks, warnings } = found;
  const name = `machine ${machine}`;
  const formats = disks.map(({ target, format }) => `${target} (${format})`).join(", ");
  const checks: DoctorCheck[] = [
    disks.length === 0
      ? {
          name,
          status: "error",
          message: `${domain} has no disk that can be backed up`,
          hint: `\`virsh domblklist ${domain} --details\` shows what it has`,
        }
      : { name, status: "ok", message: `the domain ${domain} is ${state}; ${formats}` },
  ];
  const amiss = (message: string, hint?: string): void =>
    void checks.push({ name, status: "warning", message, ...(hint !== undefined && { hint }) });
  if (found.left)
    amiss(
      "a run that was cut off has left it paused or frozen",
      "`davit agent serve` lets it go at its start, and so does its next backup",
    );
  for (const { target, untracked } of disks)
    if (untracked !== null) amiss(`${target} is always saved whole: ${untracked}`);
  if (found.quiesce === "auto" && state === "running" && !found.agent) amiss(...withoutAgent(found.channel));
  const whole = disks.reduce((sum, disk) => sum + disk.allocatedBytes, 0);
  if (whole > found.free)
    amiss(
      `a full takes up to ${inGiB(whole)} GiB, and the vault has ${inGiB(found.free)} GiB left`,
      "free some space, or lower the machine's keep and run `davit agent prune`; compressed it takes less, but not at first",
    );
  for (const { severity, message, hint } of warnings) if (severity !== "note") amiss(message, hint);
  return checks;
}

function withoutAgent(channel: boolean): [message: string, hint: string] {
  const message =
    "its guest agent does not answer, so it is paused for the instant of a backup, and its programs find their files as after a power cut";
  return channel
    ? [message, "install qemu-guest-agent in it, and start it: apt install qemu-guest-agent"]
    : [
        message,
        "give it a channel (virsh edit: <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>), start it anew, and install qemu-guest-agent in it",
      ];
}

function inGiB(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
