import { setTimeout as delay } from "node:timers/promises";
import { asFailure, Failure } from "../failure/failure.ts";
import type { StillMachine, Stillness } from "./open-stillness.ts";
import { domainState } from "./domain-state.ts";
import { type Libvirt, runVirsh, tryVirsh, virshFailure } from "./run-virsh.ts";

/** How long letting go is tried again, where libvirt does not answer or is busy. */
const patienceMs = 120_000;
const retryMs = 500;

/**
 * Lets a machine go that Davit has paused or frozen, or was about to, as the note says; gives what was undone, null where
 * nothing was to be. The note goes last. Where libvirt does not answer it is tried for two minutes; then the note stays.
 */
export async function letGo(stillness: Stillness, machine: string): Promise<StillMachine["kind"] | null> {
  const note = await stillness.read(machine);
  if (note === null) return null;
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      const undone = await undo(note);
      await stillness.clear(machine);
      return undone ? note.kind : null;
    } catch (error) {
      if (Date.now() >= until) throw stillHeld(note, error);
    }
    await delay(retryMs);
  }
}

/** Whether there was something to undo. Nobody may cancel it. */
async function undo({ kind, uri, domain }: StillMachine): Promise<boolean> {
  const libvirt: Libvirt = { uri, signal: AbortSignal.timeout(patienceMs) };
  const now = await domainState(libvirt, domain);
  if (now === null) return false;
  if (kind === "pause") {
    // QEMU may have stopped it for a reason of its own, an error of the disk for one.
    if (now.state !== "paused" || now.reason !== "user") return false;
    await runVirsh(libvirt, ["resume", domain]);
    return true;
  }
  if (now.state === "paused") throw new Failure("failed", "it is paused, and can't be thawed before it is resumed");
  if (now.state !== "running") return false;
  const thaw = await tryVirsh(libvirt, ["domfsthaw", domain]);
  // A guest whose agent is gone has been started anew, and has nothing frozen.
  if (thaw.code !== 0 && !/agent is not (connected|configured|available)/iu.test(thaw.stderr))
    throw virshFailure(uri, "thawing", thaw);
  return thaw.code === 0;
}

function stillHeld({ module, kind, domain }: StillMachine, cause: unknown): Failure {
  const word = kind === "pause" ? "resume" : "domfsthaw";
  return new Failure("failed", `${module} could not be let go: ${asFailure(cause).message}`, {
    hint: `\`virsh ${word} ${domain}\`; Davit tries it again at its next start and before the machine's next run`,
    cause,
  });
}
