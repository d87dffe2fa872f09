import type { DoctorCheck } from "../contract/api.ts";
import type { FailureReport } from "../contract/run-event.ts";

export interface NotificationState {
  when: "problems" | "all" | "off";
  channels: readonly { name: string; to: string; failure: { since: string; report: FailureReport } | null }[];
}

/** Whether people are told of problems, as far as the last messages show. Nothing is sent. */
export function checkNotifications({ when, channels }: NotificationState): DoctorCheck {
  const name = "notifications";
  if (when === "off") return { name, status: "ok", message: "off: problems show in the panel alone" };
  if (channels.length === 0)
    return { name, status: "ok", message: "none are set up: problems show in the panel alone (docs/notifications.md)" };
  const failing = channels.find((one) => one.failure !== null);
  if (failing?.failure) {
    const { since, report } = failing.failure;
    return {
      name,
      status: "error",
      message: `nobody is told by ${failing.name} since ${since}: ${report.message}`,
      hint: `${report.hint === undefined ? "" : `${report.hint}; `}then \`davit notify test ${failing.name}\``,
    };
  }
  return {
    name,
    status: "ok",
    message: `problems are told by ${channels.map((one) => `${one.name} to ${one.to}`).join("; ")}`,
  };
}
