/** A disk of a machine that is to be booted. */
export interface BootDisk {
  /** Its name in the domain, `vda`. */
  target: string;
  bus: "virtio" | "scsi" | "sata" | "ide" | "usb";
  /** The point's file first, then each that it builds on; they are read, and never written. */
  chain: readonly string[];
  virtualBytes: number;
  /** What the guest may know it by. */
  serial: string | null;
}

export interface BootFirmware {
  /** UEFI's code, a file of the host. */
  code: string;
  /** The machine's saved variables; the drill gets a copy. */
  variables: string;
  /** Whether it needs system management mode, as for secure boot. */
  secure: boolean;
}

/** A machine as it is booted for a drill: what of its definition matters for coming up. */
export interface BootMachine {
  /** The machine's type as the domain has it: `pc-q35-7.2`, `pc-i440fx-7.2`, `pc`, `q35`. */
  type: string;
  /** Null for a BIOS. */
  firmware: BootFirmware | null;
  memoryMiB: number;
  cpus: number;
  /** Whether its clock has the host's local time, as Windows wants it. */
  localTime: boolean;
  /** In the order in which they are tried. */
  disks: readonly BootDisk[];
  /** Whether it has a channel for the guest agent. */
  expectsAgent: boolean;
}
