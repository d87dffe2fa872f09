import { readdir, readFile, rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../../failure/failure.ts";
import { storageFailure } from "../../failure/storage-failure.ts";
import type { BootJournal } from "./open-boot-journal.ts";

const patienceMs = 10_000;

/**
 * Removes what a machine's boot drill left: QEMU, if it still runs, and what it wrote; its entry in the journal last, so that what can't be
 * removed now is tried again. Gives the run that had left something, null where there was nothing. Only for who has the machine's lock.
 */
export async function removeBoot(journal: BootJournal, machine: string): Promise<string | null> {
  const entry = await journal.read(machine);
  if (entry === null) return null;
  await endQemu(entry.folder);
  try {
    await rm(entry.folder, { recursive: true, force: true });
  } catch (thrown) {
    throw storageFailure(`can't remove ${entry.folder}, which a boot drill wrote into`, thrown);
  }
  await journal.clear(machine);
  return entry.run;
}

/** Kills the processes that have their monitor in that folder, and waits until they are gone. */
async function endQemu(folder: string): Promise<void> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const found = await processesIn(folder);
    if (found.length === 0) return;
    if (Date.now() >= until)
      throw new Failure("failed", `QEMU of a boot drill does not end (process ${found.join(", ")})`, {
        hint: `\`kill -9 ${found.join(" ")}\`; a process that waits for a disk ends once that answers`,
      });
    for (const pid of found) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
    await delay(50);
  }
}

async function processesIn(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/u.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, "latin1").catch(() => "");
    if (line.split("\0").some((word) => word.startsWith(`unix:${folder}/`))) found.push(Number(name));
  }
  return found;
}
