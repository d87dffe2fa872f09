/** The file of a disk in a point's folder. */
export function diskFile(target: string): string {
  return `${target}.qcow2`;
}

export const domainFile = "domain.xml";
export const nvramFile = "nvram.fd";

/** The name of the checkpoint that is taken with the point of that time. */
export function checkpointName(time: string): string {
  return `davit-${time}`;
}

/** Whether a checkpoint is one of Davit's. */
export function isOwnCheckpoint(name: string): boolean {
  return /^davit-\d{8}T\d{6}Z$/u.test(name);
}

/** The files in which swtpm keeps a TPM's state, with the folder that each lies in below the machine's. */
export const tpmFiles: Readonly<Record<string, string>> = { "tpm2-00.permall": "tpm2", "tpm-00.permall": "tpm1.2" };
