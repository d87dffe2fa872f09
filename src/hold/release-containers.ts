import { setTimeout as delay } from "node:timers/promises";
import type { RunReporter } from "../contract/run-event.ts";
import type { Docker } from "../docker/connect-docker.ts";
import { asFailure, Failure } from "../failure/failure.ts";
import type { LedgerEntry } from "./open-ledger.ts";

export type WarningReporter = Pick<RunReporter, "warning">;

/** How long a container is tried to be let go while the engine does not answer. */
const patienceMs = 60_000;
const retryMs = 500;

/**
 * Lets the entry's containers go, in their order. One that is gone, or was let go by someone else, is left as it is. All
 * are tried even when one fails; then a Failure names those that are still held.
 */
export async function releaseContainers(
  docker: Docker,
  entry: Pick<LedgerEntry, "module" | "mode" | "containers">,
  reporter: WarningReporter,
): Promise<void> {
  const failures: { name: string; failure: Failure }[] = [];
  const deadline = performance.now() + patienceMs;
  for (const { id, name } of entry.containers) {
    try {
      await patiently(deadline, async () => releaseOne(docker, entry.mode, id));
    } catch (error) {
      const failure = asFailure(error);
      if (failure.kind === "missing") reporter.warning(`the container ${name} was removed while it was held`);
      else failures.push({ name, failure });
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  const names = failures.map((one) => one.name).join(", ");
  const state = entry.mode === "pause" ? "paused" : "stopped";
  const command = entry.mode === "pause" ? "docker unpause" : "docker start";
  throw new Failure(first.failure.kind, `${names} could not be let go: ${first.failure.message}`, {
    hint: `Davit tries again at its next start; where they are still ${state}: \`${command} ${names.replaceAll(",", "")}\``,
    cause: first.failure,
  });
}

async function releaseOne(docker: Docker, mode: LedgerEntry["mode"], id: string): Promise<void> {
  const { State } = await docker.inspect(id);
  if (mode === "pause" && State.Paused === true) await docker.unpause(id);
  if (mode === "stop" && !State.Running) await docker.start(id);
}

async function patiently(deadline: number, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (asFailure(error).kind !== "unreachable" || performance.now() > deadline) throw error;
    }
    await delay(retryMs);
  }
}
