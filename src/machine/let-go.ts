import { setTimeout as delay } from "node:timers/promises";
import { asFailure, Failure } from "../failure/failure.ts";
import { domainState } from "./domain-state.ts";
import type { StillMachine, Stillness } from "./open-stillness.ts";
import { type Libvirt, tryVirsh, virshFailure } from "./run-virsh.ts";

/** How long letting go is tried again, where libvirt does not answer or is busy. */
const patienceMs = 120_000;
/** Between two looks. What a stopped virsh had asked for can still be done by libvirt, so one look is not enough. */
const lookEveryMs = 700;
const quietLooks = 2;

/**
 * Lets a machine go that Davit has paused or frozen, or was about to, as the note says; gives what was undone, null where
 * nothing was to be. The note goes last. Where libvirt does not answer it is tried for two minutes; then the note stays.
 * Nobody can cancel it.
 */
export async function letGo(stillness: Stillness, machine: string): Promise<StillMachine["kind"] | null> {
  const note = await stillness.read(machine);
  if (note === null) return null;
  const until = Date.now() + patienceMs;
  let undone = false;
  for (let quiet = 0; quiet < quietLooks;) {
    try {
      const found = await undo(note);
      if (found === "gone") break;
      undone ||= found === "undone";
      quiet = found === "undone" ? 0 : quiet + 1;
    } catch (error) {
      quiet = 0;
      if (Date.now() >= until) throw stillHeld(note, error);
    }
    await delay(lookEveryMs);
  }
  await stillness.clear(machine);
  return undone ? note.kind : null;
}

type Undone = "undone" | "nothing" | "gone";

async function undo({ kind, uri, domain }: StillMachine): Promise<Undone> {
  const libvirt: Libvirt = { uri, signal: AbortSignal.timeout(patienceMs) };
  const now = await domainState(libvirt, domain);
  if (now === null || now.state === "shut off" || now.state === "crashed") return "gone";
  if (kind === "pause") {
    // QEMU may have stopped it for a reason of its own, an error of the disk for one.
    if (now.state === "paused" && now.reason !== "user") return "nothing";
    // Whatever the state was: this waits until what was asked for before is done.
    const resume = await tryVirsh(libvirt, ["resume", domain]);
    if (resume.code === 0) return "undone";
    if (resume.stderr.includes("already running")) return "nothing";
    throw virshFailure(uri, "resuming", resume);
  }
  if (now.state === "paused") throw new Failure("failed", "it is paused, and can't be thawed before it is resumed");
  const thaw = await tryVirsh(libvirt, ["domfsthaw", domain]);
  if (thaw.code === 0) return /^Thawed 0 /mu.test(thaw.stdout) ? "nothing" : "undone";
  // A guest whose agent is gone has been started anew, and has nothing frozen.
  if (/agent is not (connected|configured|available)/iu.test(thaw.stderr)) return "nothing";
  throw virshFailure(uri, "thawing", thaw);
}

function stillHeld({ module, kind, domain }: StillMachine, cause: unknown): Failure {
  const word = kind === "pause" ? "resume" : "domfsthaw";
  return new Failure("failed", `${module} could not be let go: ${asFailure(cause).message}`, {
    hint: `\`virsh ${word} ${domain}\`; Davit tries it again at its next start and before the machine's next run`,
    cause,
  });
}
