import type { MachineSettings } from "../../contract/machine.ts";
import type { RunReporter } from "../../contract/run-event.ts";
import type { Libvirt } from "../../machine/run-virsh.ts";
import type { Host } from "./host.ts";

/** What a run on a machine works with. */
export interface MachineContext {
  host: Host;
  /** The machine's name. */
  machine: string;
  settings: MachineSettings;
  libvirt: Libvirt;
  reporter: RunReporter;
}
