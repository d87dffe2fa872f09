import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../failure/failure.ts";
import { domainState } from "./domain-state.ts";
import { type Libvirt, runVirsh } from "./run-virsh.ts";

const lookEveryMs = 500;
/** Some systems do not hear a first request, while they start for one. */
const askEveryMs = 20_000;

/**
 * Asks a machine to shut itself down, through its guest agent or its power button, and waits until it has. Throws `failed` where it has not
 * within the time; it is never forced.
 */
export async function shutDown(libvirt: Libvirt, uuid: string, limitMs: number): Promise<void> {
  const started = performance.now();
  let asked = Number.NEGATIVE_INFINITY;
  for (;;) {
    const now = performance.now();
    const state = await domainState(libvirt, uuid);
    if (state === null || !isActive(state.state)) return;
    if (now - started >= limitMs)
      throw new Failure("failed", `the machine did not shut down within ${Math.round(limitMs / 1000)} s`, {
        hint: "shut it down from inside, or end it with `virsh destroy`, and try again",
      });
    if (now - asked >= askEveryMs) {
      asked = now;
      await runVirsh(libvirt, ["shutdown", uuid]);
    }
    await delay(lookEveryMs, undefined, { signal: libvirt.signal });
  }
}

/** Whether QEMU has the machine's disks open, by its state. */
export function isActive(state: string): boolean {
  return state !== "shut off" && state !== "crashed";
}
