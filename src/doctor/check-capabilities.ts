import type { DoctorCheck } from "../contract/api.ts";

/** Numbers as in Linux's capability.h. */
const wanted = [
  { name: "DAC_READ_SEARCH", bit: 2, instead: 1, needed: "read" },
  { name: "CHOWN", bit: 0, needed: "restore" },
  { name: "DAC_OVERRIDE", bit: 1, needed: "restore" },
  { name: "FOWNER", bit: 3, needed: "restore" },
  { name: "FSETID", bit: 4, needed: "restore" },
  { name: "SETFCAP", bit: 31, needed: "restore" },
] as const;

/** Whether Davit may read other users' files and give restored ones their owners back, as `/proc/self/status` tells. */
export function checkCapabilities(processStatus: string): DoctorCheck {
  const name = "permissions";
  const mask = /^CapEff:\s*([0-9a-f]+)$/mu.exec(processStatus)?.[1];
  if (mask === undefined)
    return { name, status: "warning", message: "the system does not tell which capabilities Davit has" };
  const has = (bit: number): boolean => ((BigInt(`0x${mask}`) >> BigInt(bit)) & 1n) === 1n;
  const lacking = wanted.filter((one) => !has(one.bit) && !("instead" in one && has(one.instead)));
  if (lacking.length === 0) return { name, status: "ok", message: "Davit may read and restore files of every owner" };
  const names = lacking.map((one) => one.name).join(", ");
  const hint = `run Davit as root, or add to its container: cap_add: [${names}]`;
  if (lacking.some((one) => one.needed === "read"))
    return { name, status: "error", message: `Davit may not read files of other owners: it lacks ${names}`, hint };
  return {
    name,
    status: "warning",
    message: `Davit can back up, but not restore every owner, mode and attribute: it lacks ${names}`,
    hint,
  };
}
