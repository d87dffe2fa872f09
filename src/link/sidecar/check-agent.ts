import type { DoctorCheck } from "../../contract/api.ts";
import type { PairingLine } from "../../contract/link.ts";
import { AgentLink } from "./connect-agent.ts";

/** How far the agent's clock may be from this host's before it is told: names of backups are times. */
const clockSlackMs = 60_000;

/** Whether the agent answers, and whether its clock and this one agree. Throws the Failure that says why it does not. */
export async function checkAgent(pairing: PairingLine, now: () => Date, signal: AbortSignal): Promise<DoctorCheck> {
  const agent = new AgentLink(pairing);
  try {
    const { davit, host, machine, time } = await agent.hello(signal);
    const message = `Davit ${davit} on ${host.name} answers at ${agent.address}, for ${machine ?? "no machine of its own"}`;
    const apartMs = Math.abs(Date.parse(time) - now().getTime());
    if (apartMs <= clockSlackMs) return { name: "agent", status: "ok", message };
    return {
      name: "agent",
      status: "warning",
      message: `${message}; its clock is ${Math.round(apartMs / 1000)} s from this one`,
      hint: "set up time synchronisation on both (chrony, systemd-timesyncd)",
    };
  } finally {
    agent.close();
  }
}
