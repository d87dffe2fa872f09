import type { DoctorCheck } from "../contract/api.ts";

/** Whether a run that is gone left containers paused or stopped; `left` names the modules. */
export function checkHolds(left: readonly string[]): DoctorCheck {
  const name = "holds";
  if (left.length === 0) return { name, status: "ok", message: "no run that is gone left anything held" };
  return {
    name,
    status: "error",
    message: `a run that is gone left ${left.join(", ")} held: containers may be paused or stopped`,
    hint: `\`davit backup ${left.join(" ")}\` lets them go first of all, and so does the start of \`davit serve\``,
  };
}
