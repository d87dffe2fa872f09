import type { DoctorCheck } from "../contract/api.ts";

export interface ServiceToCheck {
  /** The unit as it lies there; null where there is none. */
  unit: string | null;
  /** The unit as the configuration wants it. */
  wanted: string;
  /** What `systemctl is-active` says; null where systemd can't be asked. */
  state: string | null;
}

/** Whether the service is installed as agent.yaml wants it, and runs. */
export function checkService({ unit, wanted, state }: ServiceToCheck): DoctorCheck {
  const name = "service";
  const warning = (message: string, hint: string): DoctorCheck => ({ name, status: "warning", message, hint });
  if (unit === null)
    return warning("the service is not installed: nothing is backed up by itself", "davit agent install");
  if (unit !== wanted)
    return warning(
      "the service's unit is not as agent.yaml wants it: folders have changed, or Davit is of another version",
      "davit agent install, then systemctl restart davit-agent",
    );
  if (state === "active") return { name, status: "ok", message: "the service runs" };
  if (state === null) return { name, status: "ok", message: "the service is installed; systemd can't be asked here" };
  return warning(
    `the service is ${state}`,
    "systemctl start davit-agent; journalctl -u davit-agent says what happened",
  );
}
