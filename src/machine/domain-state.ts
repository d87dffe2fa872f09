import { asFailure, Failure } from "../failure/failure.ts";
import { type Libvirt, runVirsh } from "./run-virsh.ts";

export interface DomainState {
  /** As libvirt says it: `running`, `paused`, `shut off`, … */
  state: string;
  /** `user` for one that was paused by a command. */
  reason: string;
}

/** What a domain, given by its name or UUID, is doing; null where there is no such domain. */
export async function domainState(libvirt: Libvirt, domain: string): Promise<DomainState | null> {
  try {
    const text = (await runVirsh(libvirt, ["domstate", "--reason", `--domain=${domain}`])).trim();
    const parts = /^(.+?) \((.*)\)$/u.exec(text);
    if (parts?.[1] === undefined) throw new Failure("failed", `libvirt says of ${domain} what is no state: ${text}`);
    return { state: parts[1], reason: parts[2] ?? "" };
  } catch (error) {
    if (asFailure(error).kind === "missing") return null;
    throw error;
  }
}
